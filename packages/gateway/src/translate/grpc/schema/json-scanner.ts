import { type JsonOptions, MessageFault } from '../../../core/grpc-schema.ts';
import type { WireWriter } from '../../../core/protobuf/wire-writer.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Reads JSON text (RFC 8259) piece by piece, as a message wants it: no value is made of what is only passed on. Every method
 * reads at `pos` and moves it behind; faults throw `MessageFault` with the place where the reader is.
 */
export class JsonScanner {
  readonly text: string;
  readonly options: JsonOptions;
  pos = 0;
  readonly #path: (string | number)[] = [];
  #depth = 0;

  constructor(text: string, options: JsonOptions) {
    this.text = text;
    this.options = options;
    // A lone surrogate has no UTF-8; behind this, only escapes may bring one.
    if (!text.isWellFormed()) throw new MessageFault('the text has half a surrogate pair');
  }

  /** The code of the next character that is no white space; -1: there is none. Does not go over it. */
  peek(): number {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.pos);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)
        return Number.isNaN(code) ? -1 : code;
      this.pos++;
    }
  }

  /** Goes over this character, if it is the next. */
  takes(code: number): boolean {
    if (this.peek() !== code) return false;
    this.pos++;
    return true;
  }

  /** Goes over `null`, if it is the next value. */
  takesNull(): boolean {
    if (this.peek() !== 0x6e || !this.text.startsWith('null', this.pos)) return false;
    this.pos += 4;
    return true;
  }

  /** Begins an object; `kind` is for the fault. */
  openObject(kind = 'an object'): void {
    if (!this.takes(0x7b)) throw this.expected(kind);
    this.#deeper();
  }

  /** The next name of an object, or null at its end. */
  nextName(isFirst: boolean): string | null {
    if (this.takes(0x7d)) {
      this.#depth--;
      return null;
    }
    if (!isFirst && !this.takes(COMMA)) throw this.syntax('a comma or the end of the object');
    if (this.peek() !== QUOTE) throw this.syntax('a name in quotes');
    const name = this.string();
    if (!this.takes(COLON)) throw this.syntax('a colon');
    return name;
  }

  openList(kind = 'a list'): void {
    if (!this.takes(0x5b)) throw this.expected(kind);
  }

  /** Whether there is one more element before the end of the list. */
  hasElement(isFirst: boolean): boolean {
    if (this.takes(0x5d)) return false;
    if (!isFirst && !this.takes(COMMA)) throw this.syntax('a comma or the end of the list');
    return true;
  }

  /** For lists that may lie in themselves; others are counted by the objects in them. */
  deeperList(): void {
    this.#deeper();
  }

  shallowerList(): void {
    this.#depth--;
  }

  /** A text; lone surrogates are refused. */
  string(): string {
    if (this.peek() !== QUOTE) throw this.expected('a string');
    const { text } = this;
    const start = this.pos + 1;
    for (let pos = start; ; pos++) {
      const code = text.charCodeAt(pos);
      if (code === QUOTE) {
        this.pos = pos + 1;
        return text.slice(start, pos);
      }
      if (code === BACKSLASH) return this.#escaped(start);
      if (!(code >= 0x20)) throw this.#badString(pos, code);
    }
  }

  /** The same, written with its length. Plain ASCII is copied without making a string of it. Gives whether it is empty. */
  stringInto(out: WireWriter): boolean {
    if (this.peek() !== QUOTE) throw this.expected('a string');
    const { text } = this;
    const begun = out.begin();
    const bytes = out.room(SHORT);
    const start = this.pos + 1;
    let to = out.pos;
    for (let pos = start; pos - start < SHORT; pos++) {
      const code = text.charCodeAt(pos);
      if (code === QUOTE) {
        this.pos = pos + 1;
        out.pos = to;
        out.end(begun);
        return pos === start;
      }
      if (!(code >= 0x20 && code < 0x80) || code === BACKSLASH) break;
      bytes[to++] = code;
    }
    out.pos = begun;
    const value = this.string();
    out.text(value);
    return value === '';
  }

  /** The text of a number, as it is written. */
  number(): string {
    this.peek();
    const start = this.pos;
    const end = numberEnd(this.text, start);
    if (end === -1) throw this.expected('a number');
    this.pos = end;
    return this.text.slice(start, end);
  }

  /** A whole number of up to fifteen digits without fraction or exponent; NaN, and has read nothing, for all else. */
  plainInteger(): number {
    const { text } = this;
    let code = this.peek();
    let pos = this.pos;
    const isNegative = code === 0x2d;
    if (isNegative) code = text.charCodeAt(++pos);
    const start = pos;
    let value = 0;
    while (code >= 0x30 && code <= 0x39) {
      value = value * 10 + (code - 0x30);
      code = text.charCodeAt(++pos);
    }
    const digits = pos - start;
    const isPlain = digits > 0 && digits <= 15 && (digits === 1 || text.charCodeAt(start) !== 0x30);
    // A fraction, an exponent.
    if (!isPlain || code === 0x2e || (code | 0x20) === 0x65) return Number.NaN;
    this.pos = pos;
    return isNegative ? -value : value;
  }

  boolean(): boolean {
    const code = this.peek();
    if (code === 0x74 && this.text.startsWith('true', this.pos)) {
      this.pos += 4;
      return true;
    }
    if (code === 0x66 && this.text.startsWith('false', this.pos)) {
      this.pos += 5;
      return false;
    }
    throw this.expected('true or false');
  }

  /** Goes over a value, whatever it is. */
  skip(): void {
    const code = this.peek();
    if (code === QUOTE) this.string();
    else if (code === 0x7b) {
      this.openObject();
      for (let isFirst = true; this.nextName(isFirst) !== null; isFirst = false) this.skip();
    } else if (code === 0x5b) {
      this.openList();
      this.#deeper();
      for (let isFirst = true; this.hasElement(isFirst); isFirst = false) this.skip();
      this.#depth--;
    } else if (code === 0x74 || code === 0x66) this.boolean();
    else if (!this.takesNull()) this.number();
  }

  /** After the last value. */
  finish(): void {
    if (this.peek() !== -1) throw this.syntax('the end of the text');
  }

  /** What is read from now on is below this name or index. */
  enter(part: string | number): void {
    this.#path.push(part);
  }

  leave(): void {
    this.#path.pop();
  }

  /** The next element of the list that was entered. */
  nextIndex(index: number): void {
    this.#path[this.#path.length - 1] = index;
  }

  /** A place to come back to: the depth is that of its object. */
  mark(): { readonly pos: number; readonly depth: number } {
    return { pos: this.pos, depth: this.#depth };
  }

  back({ pos, depth }: { readonly pos: number; readonly depth: number }): void {
    this.pos = pos;
    this.#depth = depth;
  }

  /** A fault at the place where the reader is. */
  fault(message: string): MessageFault {
    const escaped = this.#path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`);
    return new MessageFault(message, escaped.join(''));
  }

  /** The next value is of another kind than it must be. */
  expected(kind: string): MessageFault {
    return this.fault(`must be ${kind}, but is ${this.#found()}`);
  }

  syntax(expected: string): MessageFault {
    const where = this.peek() === -1 ? 'at the end of the text' : `at character ${this.pos + 1}`;
    return this.fault(`is not JSON: ${where} there should be ${expected}`);
  }

  #found(): string {
    const code = this.peek();
    if (code === QUOTE) return 'a string';
    if (code === 0x7b) return 'an object';
    if (code === 0x5b) return 'a list';
    if (code === -1) return 'missing';
    for (const word of ['null', 'true', 'false']) if (this.text.startsWith(word, this.pos)) return word;
    return numberEnd(this.text, this.pos) === -1 ? 'not JSON' : 'a number';
  }

  #deeper(): void {
    if (++this.#depth > this.options.maxDepth)
      throw this.fault(`is more than ${this.options.maxDepth} levels deep`);
  }

  /** From the first backslash on it is slower. */
  #escaped(start: number): string {
    const { text } = this;
    let pos = start;
    for (let code = text.charCodeAt(pos); code !== QUOTE; code = text.charCodeAt(pos)) {
      if (!(code >= 0x20)) throw this.#badString(pos, code);
      pos += code === BACKSLASH ? 2 : 1;
    }
    this.pos = pos + 1;
    let value: string;
    try {
      value = JSON.parse(text.slice(start - 1, pos + 1));
    } catch {
      throw this.fault('is not JSON: it has an escape that there is not');
    }
    if (!value.isWellFormed()) throw this.fault('has half a surrogate pair');
    return value;
  }

  #badString(pos: number, code: number): MessageFault {
    this.pos = pos;
    return Number.isNaN(code)
      ? this.syntax('the end of a string')
      : this.fault('is not JSON: a string has a control character that is not escaped');
  }
}

/** Strings up to this are looked at one by one. */
const SHORT = 120;

/** Where the number ends that begins there (RFC 8259 §6); -1: there is none. */
export function numberEnd(text: string, start: number): number {
  let pos = text.charCodeAt(start) === 0x2d ? start + 1 : start;
  const first = text.charCodeAt(pos);
  const whole = digitsEnd(text, pos);
  if (whole === pos || (first === 0x30 && whole > pos + 1)) return -1;
  pos = whole;
  if (text.charCodeAt(pos) === 0x2e) {
    const end = digitsEnd(text, pos + 1);
    if (end === pos + 1) return -1;
    pos = end;
  }
  if ((text.charCodeAt(pos) | 0x20) === 0x65) {
    const sign = text.charCodeAt(pos + 1);
    const from = sign === 0x2b || sign === 0x2d ? pos + 2 : pos + 1;
    const end = digitsEnd(text, from);
    if (end === from) return -1;
    pos = end;
  }
  return pos;
}

function digitsEnd(text: string, start: number): number {
  let pos = start;
  for (let code = text.charCodeAt(pos); code >= 0x30 && code <= 0x39; code = text.charCodeAt(pos)) pos++;
  return pos;
}
