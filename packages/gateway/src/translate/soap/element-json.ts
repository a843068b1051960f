import type { Json } from '../../core/identity.ts';
import type { XmlElement } from './xml-element.ts';

/** The answer of an operation: an object, unless it is nothing but text. */
export function answerJson(element: XmlElement | null, lists: ReadonlySet<string>): Json {
  const json = element === null ? '' : elementJson(element, lists);
  return json === '' ? {} : json;
}

/**
 * An element as JSON: its text, or an object of its children. Those of one name are a list, and so is what `lists` names even if
 * there is one. Attributes are members with `@`, text beside others is `#text`, and what is nil is null. Values stay texts: only
 * a schema would know that a postal code is no number.
 */
export function elementJson(element: XmlElement, lists: ReadonlySet<string>): Json {
  const { attributes, children, isNil, text } = element;
  if (isNil) return null;
  if (children.length === 0 && attributes.size === 0) return text;
  const byName = Map.groupBy(children, ({ name }) => name);
  const members: [string, Json][] = [
    ...Array.from(attributes, ([name, value]): [string, Json] => [`@${name}`, value]),
    ...Array.from(byName, ([name, elements]): [string, Json] => {
      const values = elements.map((each) => elementJson(each, lists));
      const [only] = values;
      return [name, values.length > 1 || lists.has(name) || only === undefined ? values : only];
    }),
  ];
  // Blanks between children are only there to be read by people.
  if (children.length === 0 ? text !== '' : text.trim() !== '') members.push(['#text', text]);
  return Object.fromEntries(members);
}
