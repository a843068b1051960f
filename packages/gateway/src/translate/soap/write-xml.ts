import type { Json } from '../../core/identity.ts';

/** A value that has no form in XML. The message says which. */
export class UnwritableValue extends Error {}

const NAME = /^[A-Za-z_][\w.-]*$/;
/** What no document may have, escaped or not (XML 1.0 §2.2). */
// oxlint-disable-next-line no-control-regex -- these are the characters
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const MAX_DEPTH = 64;

/**
 * A member of an object as elements of that name: a list as several of them, an object as one with its members inside, null as
 * one that is nil. Members that begin with `@` are attributes, and `#text` is the text beside them. Throws `UnwritableValue`.
 */
export function elementText(name: string, value: Json, depth = 0): string {
  if (!NAME.test(name)) throw new UnwritableValue(`"${name.slice(0, 50)}" cannot be the name of an element`);
  if (depth > MAX_DEPTH) throw new UnwritableValue('the value is nested too deeply');
  if (Array.isArray(value)) return value.map((item: Json) => itemText(name, item, depth + 1)).join('');
  if (value === null) return `<${name} xsi:nil="true"/>`;
  if (typeof value !== 'object') return `<${name}>${escaped(String(value))}</${name}>`;
  let attributes = '';
  let inside = '';
  for (const [key, member] of Object.entries(value)) {
    if (key === '#text') inside += escaped(plainText(key, member));
    else if (key.startsWith('@')) attributes += attributeText(key.slice(1), member);
    else inside += elementText(key, member, depth + 1);
  }
  return `<${name}${attributes}>${inside}</${name}>`;
}

function itemText(name: string, item: Json, depth: number): string {
  if (Array.isArray(item)) throw new UnwritableValue(`"${name}" cannot be a list of lists`);
  return elementText(name, item, depth);
}

function attributeText(name: string, value: Json): string {
  if (!NAME.test(name))
    throw new UnwritableValue(`"@${name.slice(0, 50)}" cannot be the name of an attribute`);
  return ` ${name}="${escaped(plainText(`@${name}`, value))}"`;
}

function plainText(name: string, value: Json): string {
  if (typeof value === 'object')
    throw new UnwritableValue(`"${name}" has to be a text, a number or a boolean`);
  return String(value);
}

/** Text as it can stand in an element and in an attribute. */
export function escaped(text: string): string {
  if (FORBIDDEN.test(text) || !text.isWellFormed())
    throw new UnwritableValue('there is a character that XML does not have');
  return text.replaceAll(/[&<>"\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
