import type { XmlElement } from './xml-element.ts';
import { INSTANCE, namespaceOf, OUTERMOST, scopeOf, type XmlScope } from './xml-scope.ts';

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
 * Reads a document (XML 1.0, Namespaces in XML 1.0): elements, attributes, text, CDATA, comments. A document type is refused,
 * whatever is in it: there are no entities but the five and those by number, so nothing is fetched and nothing grows. It is no
 * judge of what a document may look like: some things pass that are not well-formed, such as `--` in a comment. Throws an
 * `XmlFault`.
 */
export function readXml(text: string, limits: XmlLimits): XmlElement {
  const forbidden = FORBIDDEN.exec(text);
  if (forbidden !== null) throw new XmlFault('there is a character that XML does not have', forbidden.index);
  // Lines end in one way (XML 1.0 §2.11).
  return new XmlReader(text.replaceAll(/\r\n?/g, '\n'), limits).document();
}

/** An element whose end has not come. */
interface OpenElement extends XmlElement {
  /** With its prefix, as its end tag has to say it. */
  readonly tag: string;
  readonly scope: XmlScope;
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
      if (closed === null) continue;
      const parent = open.at(-1);
      if (parent === undefined) return closed;
      parent.children.push(closed);
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
    const written = this.#attributes();
    const scope = scopeOf(open.at(-1)?.scope ?? OUTERMOST, written);
    const element = { ...this.#named(tag, written, scope), children: [], text: '' };
    if (this.#take('/>')) return element;
    if (!this.#take('>')) this.#fail(`the tag of ${tag} has no end`);
    open.push({ ...element, tag, scope });
    return null;
  }

  /** What names mean. Those of attributes have no default namespace (Namespaces in XML §6.2). */
  #named(
    tag: string,
    written: ReadonlyMap<string, string>,
    scope: XmlScope,
  ): Pick<XmlElement, 'namespace' | 'name' | 'attributes' | 'isNil'> {
    const attributes = new Map<string, string>();
    let isNil = false;
    for (const [name, value] of written) {
      const prefix = prefixOf(name);
      if (name === 'xmlns' || prefix === 'xmlns') continue;
      const namespace = prefix === '' ? '' : this.#namespace(scope, prefix);
      if (namespace !== INSTANCE) attributes.set(localOf(name), value);
      else if (localOf(name) === 'nil') isNil = /^\s*(?:true|1)\s*$/.test(value);
    }
    return { namespace: this.#namespace(scope, prefixOf(tag)), name: localOf(tag), attributes, isNil };
  }

  #namespace(scope: XmlScope, prefix: string): string {
    return namespaceOf(scope, prefix) ?? this.#fail(`the prefix ${prefix} is not declared`);
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

  #endTag(open: OpenElement[], element: OpenElement): XmlElement {
    const { tag, scope: _, ...closed } = element;
    if (this.#name() !== tag) this.#fail(`${tag} has another end tag`);
    this.#blank();
    if (!this.#take('>')) this.#fail(`the end tag of ${tag} has no end`);
    open.pop();
    return closed;
  }

  /** As they are written. */
  #attributes(): ReadonlyMap<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      const hasBlank = this.#blank();
      const next = this.#text[this.#at];
      if (next === '/' || next === '>' || next === undefined) return attributes;
      if (!hasBlank) this.#fail('a space was expected');
      const name = this.#name();
      if (attributes.has(name)) this.#fail(`the attribute ${name} is there twice`);
      attributes.set(name, this.#attributeValue());
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

function prefixOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(':')));
}

function localOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function characterOf(entity: string): string | undefined {
  const known = ENTITIES.get(entity);
  if (known !== undefined) return known;
  const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(entity) ?? [];
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isAllowed =
    code <= 0x10_ffff &&
    (code < 0xd800 || code > 0xdfff) &&
    (code >= 32 || [9, 10, 13].includes(code)) &&
    code !== 0xfffe &&
    code !== 0xffff;
  return isAllowed ? String.fromCodePoint(code) : undefined;
}
