// Structured fields (RFC 9651): as much of reading and writing them as caches need.

/** An item without its parameters. No field that a cache reads has bytes, dates or display strings: those come as `other`. */
export type Item =
  | { readonly kind: 'integer' | 'decimal'; readonly value: number }
  | { readonly kind: 'string' | 'token'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'other' };

/** A member of a list or a dictionary. Parameters are read and dropped: none of the fields here gives them a meaning. */
export type Member = Item | { readonly kind: 'list'; readonly items: readonly Item[] };

/** Longer fields count as malformed. */
const MOST_TEXT = 8192;

const TRUE: Item = { kind: 'boolean', value: true };

// Each matches at one place, and no character can be read in two ways, so they take linear time.
const KEY = /[a-z*][a-z0-9_.*-]*/y;
const INTEGER = /-?\d{1,15}(?![\d.])/y;
const DECIMAL = /-?\d{1,12}\.\d{1,3}(?!\d)/y;
const STRING = /"(?:[ !#-[\]-~]|\\["\\])*"/y;
const TOKEN = /[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y;
const BOOLEAN = /\?[01]/y;
const OTHER = /:[A-Za-z0-9+/=]*:|@-?\d{1,15}(?![\d.])|%"(?:[ !#$&-~]|%[0-9a-f]{2})*"/y;
const SPACES = / */y;
const BLANKS = /[ \t]*/y;

/** A String (RFC 9651 §4.1.6). What it cannot hold, anything but printable ASCII, becomes `?`. */
export function stringItem(text: string): string {
  const printable = text.replaceAll(/[^ -~]/g, '?');
  return `"${printable.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
}

/** A Dictionary (RFC 9651 §4.2.2), or null if it is malformed. Of a key that comes twice the last one counts. */
export function parseDictionary(text: string): Map<string, Member> | null {
  const members = new Map<string, Member>();
  const isWhole = readElements(text, (reader) => {
    const key = reader.match(KEY);
    const member = reader.skip('=') ? readMember(reader) : TRUE;
    if (key === null || member === null) return false;
    members.set(key, member);
    return readParameters(reader);
  });
  return isWhole ? members : null;
}

/** A List (RFC 9651 §4.2.1), or null if it is malformed. */
export function parseList(text: string): Member[] | null {
  const members: Member[] = [];
  const isWhole = readElements(text, (reader) => {
    const member = readMember(reader);
    if (member === null) return false;
    members.push(member);
    return readParameters(reader);
  });
  return isWhole ? members : null;
}

/** Elements between commas, none of which stands at the end. False for what is malformed. */
function readElements(text: string, read: (reader: Reader) => boolean): boolean {
  if (text.length > MOST_TEXT) return false;
  const reader = readerOf(text);
  reader.match(SPACES);
  while (!reader.isAtEnd()) {
    if (!read(reader)) return false;
    reader.match(BLANKS);
    if (reader.isAtEnd()) return true;
    if (!reader.skip(',')) return false;
    reader.match(BLANKS);
    if (reader.isAtEnd()) return false;
  }
  return true;
}

function readMember(reader: Reader): Member | null {
  if (!reader.skip('(')) return readItem(reader);
  const items: Item[] = [];
  for (let hasSpace = true; ; hasSpace = reader.match(SPACES) !== '') {
    reader.match(SPACES);
    if (reader.skip(')')) return { kind: 'list', items };
    const item = hasSpace ? readItem(reader) : null;
    if (item === null || !readParameters(reader)) return null;
    items.push(item);
  }
}

function readParameters(reader: Reader): boolean {
  while (reader.skip(';')) {
    reader.match(SPACES);
    if (reader.match(KEY) === null) return false;
    if (reader.skip('=') && readItem(reader) === null) return false;
  }
  return true;
}

function readItem(reader: Reader): Item | null {
  const string = reader.match(STRING);
  if (string !== null) return { kind: 'string', value: string.slice(1, -1).replaceAll(/\\(.)/g, '$1') };
  const token = reader.match(TOKEN);
  if (token !== null) return { kind: 'token', value: token };
  const integer = reader.match(INTEGER);
  if (integer !== null) return { kind: 'integer', value: Number(integer) };
  const decimal = reader.match(DECIMAL);
  if (decimal !== null) return { kind: 'decimal', value: Number(decimal) };
  const boolean = reader.match(BOOLEAN);
  if (boolean !== null) return { kind: 'boolean', value: boolean === '?1' };
  return reader.match(OTHER) === null ? null : { kind: 'other' };
}

/** A place in a text that only moves on. */
interface Reader {
  isAtEnd(): boolean;
  skip(character: string): boolean;
  /** What a sticky pattern matches here, or null. */
  match(pattern: RegExp): string | null;
}

function readerOf(text: string): Reader {
  let at = 0;

  return {
    isAtEnd: () => at === text.length,
    skip(character) {
      if (text[at] !== character) return false;
      at++;
      return true;
    },
    match(pattern) {
      pattern.lastIndex = at;
      if (!pattern.test(text)) return null;
      const from = at;
      at = pattern.lastIndex;
      return text.slice(from, at);
    },
  };
}
