import type { Json } from '../../core/identity.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * An element as JSON: its text, or an object of its children. Those of one name are a list, and so is what `lists` names even if
 * there is one. Attributes are members with `@`, text beside others is `#text`, and what is nil is null. Values stay texts: only
 * a schema would know that a postal code is no number.
 */
export function elementJson({ attributes, children, text }: XmlElement, lists: ReadonlySet<string>): Json {
  if (attributes.get('nil') === 'true' || attributes.get('nil') === '1') return null;
  const isBlank = text.trim() === '';
  if (children.length === 0 && attributes.size === 0) return isBlank ? '' : text;
  const byName = Map.groupBy(children, ({ name }) => name);
  const members: [string, Json][] = [
    ...Array.from(attributes, ([name, value]): [string, Json] => [`@${name}`, value]),
    ...Array.from(byName, ([name, elements]): [string, Json] => {
      const values = elements.map((element) => elementJson(element, lists));
      const [only] = values;
      return [name, values.length > 1 || lists.has(name) || only === undefined ? values : only];
    }),
    ...(isBlank ? [] : ([['#text', text]] as [string, Json][])),
  ];
  return Object.fromEntries(members);
}
