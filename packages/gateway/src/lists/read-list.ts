import { AddressCollector } from '../core/addresses/compile-addresses.ts';

/** What a text of addresses says. The problem completes "it …". */
export type ReadList =
  | { readonly kind: 'read'; readonly addresses: AddressCollector }
  /** There are no addresses in it. It says so when it is `[]`: anything else may be what is left of a list. */
  | { readonly kind: 'empty'; readonly isSaid: boolean }
  | { readonly kind: 'broken'; readonly problem: string };

/** How many addresses and blocks a list may have. */
export const MAX_ENTRIES = 1_000_000;

/**
 * Reads one address or block a line: `#` and `;` begin comments, lines may be blank, and what stands behind white space after
 * an address is for people. A text that begins with `[` is an array of strings in JSON instead.
 *
 * One wrong line makes all of it broken: a list of which a part is missing looks the same.
 */
export function readList(text: string): ReadList {
  const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  const addresses = new AddressCollector();
  const first = startOfArray(text, start);
  const problem = first === -1 ? readLines(text, start, addresses) : readArray(text, first, addresses);
  if (problem !== '') return { kind: 'broken', problem };
  if (addresses.size === 0) return { kind: 'empty', isSaid: first !== -1 };
  return { kind: 'read', addresses };
}

/** Gives what is wrong, or `''`. */
function readLines(text: string, start: number, addresses: AddressCollector): string {
  let at = start;
  for (let line = 1; at < text.length; line++) {
    while (isBlank(text.charCodeAt(at))) at++;
    const entry = at;
    while (at < text.length && !isEndOfEntry(text.charCodeAt(at))) at++;
    if (at > entry && !addresses.add(text, entry, at))
      return `has neither an address nor a block in line ${line}`;
    if (addresses.size > MAX_ENTRIES) return TOO_MANY;
    while (at < text.length && !isEndOfLine(text.charCodeAt(at))) at++;
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  return '';
}

/**
 * Gives what is wrong, or `''`. Entry by entry, because what `JSON.parse` makes of a text can be many times larger than a
 * list may be.
 */
function readArray(text: string, start: number, addresses: AddressCollector): string {
  if (EMPTY_ARRAY.test(text)) return '';
  ENTRY.lastIndex = start;
  for (let entry = 1; ; entry++) {
    const [, quoted, next] = ENTRY.exec(text) ?? [];
    if (quoted === undefined) return `is no array of strings in JSON from entry ${entry} on`;
    // Some programs write every slash as \/.
    if (!addresses.add(quoted.replaceAll('\\/', '/')))
      return `has neither an address nor a block in entry ${entry}`;
    if (addresses.size > MAX_ENTRIES) return TOO_MANY;
    if (next === ']') return '';
  }
}

/** Where the first entry of an array in JSON begins; -1 if the text is none. */
function startOfArray(text: string, start: number): number {
  let at = start;
  while (isBlank(text.charCodeAt(at)) || isEndOfLine(text.charCodeAt(at))) at++;
  return text.charCodeAt(at) === BRACKET ? at + 1 : -1;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isEndOfLine(code: number): boolean {
  return code === LF || code === CR;
}

function isEndOfEntry(code: number): boolean {
  return isBlank(code) || isEndOfLine(code) || code === HASH || code === SEMICOLON;
}

const TOO_MANY = `has more than ${MAX_ENTRIES} addresses and blocks`;

const EMPTY_ARRAY = /^\uFEFF?\s*\[\s*\]\s*$/;
/** A string and what must follow it. Longer ones are no addresses. */
const ENTRY = /\s*"([^"]{0,64})"\s*(,|\](?=\s*$))/y;

const BYTE_ORDER_MARK = 0xfeff;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const SEMICOLON = 0x3b;
const BRACKET = 0x5b;
