import { isUtf8 } from 'node:buffer';

import type { Claims, Json } from '../../core/identity.ts';

/** Objects and lists within each other. */
const MAX_DEPTH = 16;

/**
 * The JSON object in these bytes, or null.
 *
 * Stricter than `JSON.parse`, because what two readers read differently is how tokens are forged: no member may come twice
 * (RFC 7515 §4, RFC 7519 §4), the bytes must be UTF-8, texts must not hold half of a surrogate pair, numbers must be finite,
 * and nothing is nested deeper than 16 levels. Objects have no prototype, so `__proto__` is a member like any other.
 */
export function readJsonObject(bytes: Buffer): Claims | null {
  if (!isUtf8(bytes)) return null;
  const value = new JsonReader(bytes.toString('utf8')).document();
  return isJsonObject(value) ? value : null;
}

/** Whether it is an object: neither a list nor null. */
export function isJsonObject(value: Json | undefined): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads one text from the start to the end. `undefined` stands for every fault: there is nothing to tell the sender. */
class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json | undefined {
    const value = this.#value(MAX_DEPTH);
    this.#skipSpace();
    return this.#at === this.#text.length ? value : undefined;
  }

  #value(depthLeft: number): Json | undefined {
    this.#skipSpace();
    switch (this.#text.charCodeAt(this.#at)) {
      case OPEN_BRACE:
        return depthLeft === 0 ? undefined : this.#object(depthLeft - 1);
      case OPEN_BRACKET:
        return depthLeft === 0 ? undefined : this.#list(depthLeft - 1);
      case QUOTE:
        return this.#string();
      case LETTER_T:
        return this.#word('true', true);
      case LETTER_F:
        return this.#word('false', false);
      case LETTER_N:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depthLeft: number): Json | undefined {
    const members: Record<string, Json> = Object.create(null);
    this.#at++;
    if (this.#takes(CLOSE_BRACE)) return members;
    do {
      this.#skipSpace();
      const name = this.#string();
      if (name === undefined || name in members || !this.#takes(COLON)) return undefined;
      const value = this.#value(depthLeft);
      if (value === undefined) return undefined;
      members[name] = value;
    } while (this.#takes(COMMA));
    return this.#takes(CLOSE_BRACE) ? members : undefined;
  }

  #list(depthLeft: number): Json | undefined {
    const items: Json[] = [];
    this.#at++;
    if (this.#takes(CLOSE_BRACKET)) return items;
    do {
      const value = this.#value(depthLeft);
      if (value === undefined) return undefined;
      items.push(value);
    } while (this.#takes(COMMA));
    return this.#takes(CLOSE_BRACKET) ? items : undefined;
  }

  #string(): string | undefined {
    const text = this.#text;
    const start = this.#at;
    if (text.charCodeAt(start) !== QUOTE) return undefined;
    let hasEscapes = false;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code < SPACE) return undefined;
      if (code === QUOTE) {
        this.#at = at + 1;
        return hasEscapes ? unescaped(text.slice(start, at + 1)) : text.slice(start + 1, at);
      }
      if (code === BACKSLASH) {
        hasEscapes = true;
        at++;
      }
    }
    return undefined;
  }

  /** RFC 8259 §6: no leading zeros, no plus, digits on both sides of the point. */
  #number(): number | undefined {
    const start = this.#at;
    if (this.#text.charCodeAt(this.#at) === MINUS) this.#at++;
    const first = this.#text.charCodeAt(this.#at);
    const digits = this.#digits();
    if (digits === 0 || (first === ZERO && digits > 1)) return undefined;
    if (this.#text.charCodeAt(this.#at) === POINT) {
      this.#at++;
      if (this.#digits() === 0) return undefined;
    }
    if ((this.#text.charCodeAt(this.#at) | 0x20) === LETTER_E) {
      this.#at++;
      const sign = this.#text.charCodeAt(this.#at);
      if (sign === PLUS || sign === MINUS) this.#at++;
      if (this.#digits() === 0) return undefined;
    }
    const value = Number(this.#text.slice(start, this.#at));
    return Number.isFinite(value) ? value : undefined;
  }

  #digits(): number {
    const start = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (!(code >= ZERO && code <= NINE)) return this.#at - start;
      this.#at++;
    }
  }

  #word<V extends true | false | null>(word: string, value: V): V | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined;
    this.#at += word.length;
    return value;
  }

  /** Takes a character of the structure, and the space before it. */
  #takes(code: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== SPACE && code !== LINE_FEED && code !== RETURN && code !== TAB) return;
      this.#at++;
    }
  }
}

/** A string with escapes, quotes included; undefined if one of them is malformed. */
function unescaped(quoted: string): string | undefined {
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === 'string' && text.isWellFormed() ? text : undefined;
  } catch {
    // A malformed escape is a fault like the others.
    return undefined;
  }
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_E = 0x65;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
