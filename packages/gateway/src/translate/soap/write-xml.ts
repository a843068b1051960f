import type { Json } from '../../core/identity.ts';

/** A value that has no form in XML. The message says which. */
export class UnwritableValue extends Error {}

const NAME = /^[A-Za-z_][\w.-]*$/;
/** What no document may have, escaped or not (XML 1.0 §2.2). */
// oxlint-disable-next-line no-control-regex -- these are the characters
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const MAX_DEPTH = 64;

/**
 * Members of an object as elements of their names: a list as several of them, an object as one with its members inside, null as
 * one that is nil. Members that begin with `@` are attributes, and `#text` is the text beside them.
 *
 * Each entry of a list repeats its name, so a small body can be an immense document: what is written is counted, and stops a
 * little above `maxLength` characters. Throws `UnwritableValue` for that too.
 */
export function elementsText(members: Iterable<readonly [string, Json]>, maxLength: number): string {
  const writer = new XmlWriter(maxLength);
  for (const [name, value] of members) writer.element(name, value, 0);
  return writer.text;
}

class XmlWriter {
  text = '';
  readonly #maxLength: number;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  element(name: string, value: Json, depth: number): void {
    if (!NAME.test(name)) throw new UnwritableValue(`"${shortened(name)}" cannot be the name of an element`);
    if (depth > MAX_DEPTH) throw new UnwritableValue('the value is nested too deeply');
    if (Array.isArray(value)) this.#list(name, value, depth);
    else if (value === null) this.#write(`<${name} xsi:nil="true"/>`);
    else if (typeof value === 'object') this.#object(name, Object.entries(value), depth);
    else this.#write(`<${name}>${escaped(String(value))}</${name}>`);
  }

  #list(name: string, items: readonly Json[], depth: number): void {
    for (const item of items) {
      if (Array.isArray(item)) throw new UnwritableValue(`"${shortened(name)}" cannot be a list of lists`);
      this.element(name, item, depth);
    }
  }

  #object(name: string, members: readonly (readonly [string, Json])[], depth: number): void {
    const attributes = members.filter(([key]) => key.startsWith('@'));
    this.#write(`<${name}${attributes.map(([key, value]) => attributeText(key, value)).join('')}>`);
    for (const [key, value] of members) {
      if (key === '#text') this.#write(escaped(plainText(key, value)));
      else if (!key.startsWith('@')) this.element(key, value, depth + 1);
    }
    this.#write(`</${name}>`);
  }

  #write(piece: string): void {
    this.text += piece;
    if (this.text.length > this.#maxLength) throw new UnwritableValue('the message is too large as XML');
  }
}

function attributeText(key: string, value: Json): string {
  const name = key.slice(1);
  // It would say what all names in the element mean.
  if (!NAME.test(name) || name === 'xmlns')
    throw new UnwritableValue(`"${shortened(key)}" cannot be the name of an attribute`);
  return ` ${name}="${escaped(plainText(key, value))}"`;
}

function plainText(name: string, value: Json): string {
  if (typeof value === 'object')
    throw new UnwritableValue(`"${shortened(name)}" has to be a text, a number or a boolean`);
  return String(value);
}

/** Names are the client's, and may be long. */
function shortened(name: string): string {
  return name.slice(0, 50).toWellFormed();
}

/** Text as it can stand in an element and in an attribute. */
export function escaped(text: string): string {
  if (FORBIDDEN.test(text) || !text.isWellFormed())
    throw new UnwritableValue('there is a character that XML does not have');
  return text.replaceAll(/[&<>"\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
