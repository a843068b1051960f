import type { XmlElement } from './xml-element.ts';

/** What a document may cost. */
export interface XmlLimits {
  readonly depth: number;
  readonly elements: number;
}

/** A document that is not well-formed, or has what we do not read. */
export class XmlFault extends Error {
  constructor(problem: string, at: number) {
    super(`${problem} at character ${at}`);
    this.name = 'XmlFault';
  }
}

const NAME = /[A-Za-z_:\u0080-\uffff][\w.:\-\u0080-\uffff]*/y;
const BLANK = /[ \t\r\n]+/y;
/** What no document may have (XML 1.0 §2.2). */
// oxlint-disable-next-line no-control-regex -- these are the characters
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** The five that every document has (XML 1.0 §4.6). */
const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Reads a document (XML 1.0): elements, attributes, text, CDATA, comments. A document type is refused, whatever is in it: there
 * are no entities but the five and those by number, so nothing is fetched and nothing grows. Throws an `XmlFault`.
 */
export function readXml(text: string, limits: XmlLimits): XmlElement {
  const forbidden = FORBIDDEN.exec(text);
  if (forbidden !== null) throw new XmlFault('there is a character that XML does not have', forbidden.index);
  return new XmlReader(text, limits).document();
}

/** An element whose end has not come. */
interface OpenElement {
  /** With its prefix, as its end tag has to say it. */
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

class XmlReader {
  readonly #text: string;
  readonly #limits: XmlLimits;
  #at: number;
  #elements = 0;

  constructor(text: string, limits: XmlLimits) {
    this.#text = text;
    this.#limits = limits;
    this.#at = text.startsWith('\ufeff') ? 1 : 0;
  }

  document(): XmlElement {
    this.#skipMisc();
    if (this.#text[this.#at] !== '<') this.#fail('an element was expected');
    const root = this.#element();
    this.#skipMisc();
    if (this.#at < this.#text.length) this.#fail('there is something after the document');
    return root;
  }

  /** Reads an element and all that is in it, without recursion: documents choose how deep they are. */
  #element(): XmlElement {
    const open: OpenElement[] = [];
    for (;;) {
      const closed = this.#startTag(open) ?? this.#content(open);
      const parent = open.at(-1);
      if (closed !== null && parent === undefined) return closed;
      if (closed !== null) parent?.children.push(closed);
      else if (this.#text[this.#at] !== '<') continue;
    }
  }

  /** Opens an element, or gives it when it is empty. Null: there is no start tag here. */
  #startTag(open: OpenElement[]): XmlElement | null {
    const next = this.#text[this.#at + 1];
    if (this.#text[this.#at] !== '<' || next === '/' || next === '!' || next === '?') return null;
    if (++this.#elements > this.#limits.elements) this.#fail('there are too many elements');
    if (open.length >= this.#limits.depth) this.#fail('elements are nested too deeply');
    this.#at++;
    const tag = this.#name();
    const attributes = this.#attributes();
    if (this.#take('/>')) return { name: local(tag), attributes, children: [], text: '' };
    if (!this.#take('>')) this.#fail(`the tag of ${tag} has no end`);
    open.push({ tag, attributes, children: [], text: '' });
    return null;
  }

  /** Reads text, and what else there may be, up to the next tag; gives the element when that is its end tag. */
  #content(open: OpenElement[]): XmlElement | null {
    const element = open.at(-1);
    if (element === undefined) return this.#fail('an element was expected');
    for (;;) {
      const tag = this.#text.indexOf('<', this.#at);
      if (tag === -1) this.#fail(`${element.tag} has no end`);
      element.text += this.#unescaped(this.#at, tag);
      this.#at = tag;
      if (this.#take('</')) return this.#endTag(open, element);
      if (this.#take('<![CDATA[')) element.text += this.#upTo(']]>');
      else if (!this.#skipComment()) return null;
    }
  }

  #endTag(open: OpenElement[], { tag, attributes, children, text }: OpenElement): XmlElement {
    if (this.#name() !== tag) this.#fail(`${tag} has another end tag`);
    this.#blank();
    if (!this.#take('>')) this.#fail(`the end tag of ${tag} has no end`);
    open.pop();
    return { name: local(tag), attributes, children, text };
  }

  #attributes(): ReadonlyMap<string, string> {
    const attributes = new Map<string, string>();
    const seen = new Set<string>();
    for (;;) {
      const hasBlank = this.#blank();
      const next = this.#text[this.#at];
      if (next === '/' || next === '>' || next === undefined) return attributes;
      if (!hasBlank) this.#fail('a space was expected');
      const name = this.#name();
      if (seen.has(name)) this.#fail(`the attribute ${name} is there twice`);
      seen.add(name);
      const value = this.#attributeValue();
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) attributes.set(local(name), value);
    }
  }

  #attributeValue(): string {
    this.#blank();
    if (!this.#take('=')) this.#fail('a value was expected');
    this.#blank();
    const quote = this.#text[this.#at] ?? '';
    if (quote !== '"' && quote !== "'") this.#fail('a quoted value was expected');
    const from = this.#at + 1;
    const to = this.#text.indexOf(quote, from);
    if (to === -1) this.#fail('a value has no end');
    const value = this.#unescaped(from, to);
    if (this.#text.slice(from, to).includes('<')) this.#fail('a value has a tag in it');
    this.#at = to + 1;
    return value;
  }

  #unescaped(from: number, to: number): string {
    const raw = this.#text.slice(from, to);
    if (!raw.includes('&')) return raw;
    return raw.replaceAll(/&([^;&]{0,12})(;?)/g, (_, name: string, end: string) => {
      const character = end === ';' ? characterOf(name) : undefined;
      return character ?? this.#fail('there is an entity that we do not know');
    });
  }

  /** Declaration, comments, processing instructions and blanks around the document. */
  #skipMisc(): void {
    while (this.#blank() || this.#skipComment());
  }

  #skipComment(): boolean {
    if (this.#text.startsWith('<!--', this.#at)) {
      this.#at += 4;
      this.#upTo('-->');
      return true;
    }
    if (this.#text.startsWith('<!', this.#at)) this.#fail('a document type is not read');
    if (!this.#take('<?')) return false;
    this.#upTo('?>');
    return true;
  }

  #upTo(end: string): string {
    const to = this.#text.indexOf(end, this.#at);
    if (to === -1) this.#fail(`"${end}" is missing`);
    const inside = this.#text.slice(this.#at, to);
    this.#at = to + end.length;
    return inside;
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const [name] = NAME.exec(this.#text) ?? this.#fail('a name was expected');
    this.#at += name.length;
    return name;
  }

  #blank(): boolean {
    BLANK.lastIndex = this.#at;
    const length = BLANK.exec(this.#text)?.[0].length ?? 0;
    this.#at += length;
    return length > 0;
  }

  #take(text: string): boolean {
    const isThere = this.#text.startsWith(text, this.#at);
    if (isThere) this.#at += text.length;
    return isThere;
  }

  #fail(problem: string): never {
    throw new XmlFault(problem, this.#at);
  }
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function characterOf(entity: string): string | undefined {
  const known = ENTITIES.get(entity);
  if (known !== undefined) return known;
  const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(entity) ?? [];
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isAllowed =
    code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff) && (code >= 32 || [9, 10, 13].includes(code));
  return isAllowed ? String.fromCodePoint(code) : undefined;
}
