import { isTokenCharacter } from '../../../core/http/token.ts';

/** One directive of a `Cache-Control` (RFC 9111 §5.2). */
export interface Directive {
  /** In lower case. */
  readonly name: string;
  /** Token or unquoted text after the `=`; null without one; `''` for one that is not well-formed. */
  readonly argument: string | null;
}

/** Longest `Cache-Control` that is read, in characters. Real ones have fewer than 200. */
export const MOST_DIRECTIVE_TEXT = 4096;

/** Delta-seconds are cut to that (RFC 9111 §1.2.2). */
export const MOST_SECONDS = 2 ** 31;

/**
 * The directives of a list, in their order. Never throws and reads each character once.
 *
 * What is no directive at all is passed over. A directive with something behind it that does not belong there keeps its name
 * and gets `''` as argument, so that a service which misspells `max-age` gets a stale response and not a fresh one.
 */
export function parseDirectives(text: string): Directive[] {
  const found: Directive[] = [];
  for (let at = nextStart(text, 0); at < text.length; at = nextStart(text, at)) {
    const nameEnd = tokenEnd(text, at);
    const argumentEnd = text[nameEnd] === '=' ? valueEnd(text, nameEnd + 1) : nameEnd;
    const end = elementEnd(text, argumentEnd);
    if (nameEnd > at) {
      const isWhole = isBlank(text, argumentEnd, end);
      const argument = argumentEnd === nameEnd ? null : unquoted(text.slice(nameEnd + 1, argumentEnd));
      found.push({ name: text.slice(at, nameEnd).toLowerCase(), argument: isWhole ? argument : '' });
    }
    at = end;
  }
  return found;
}

/**
 * Seconds of an argument, cut to {@link MOST_SECONDS}, or null if it is not a whole number of at least 0. Leading zeros are allowed,
 * a sign and a fraction are not (RFC 9111 §1.2.2).
 */
export function deltaSeconds(argument: string | null): number | null {
  if (argument === null || argument === '') return null;
  let seconds = 0;
  for (let at = 0; at < argument.length; at++) {
    const digit = argument.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return null;
    seconds = Math.min(seconds * 10 + digit, MOST_SECONDS);
  }
  return seconds;
}

function nextStart(text: string, from: number): number {
  let at = from;
  while (at < text.length && (text[at] === ',' || isBlank(text, at, at + 1))) at++;
  return at;
}

function tokenEnd(text: string, from: number): number {
  let at = from;
  while (isTokenCharacter(text, at)) at++;
  return at;
}

function valueEnd(text: string, from: number): number {
  return text[from] === '"' ? quotedEnd(text, from) : tokenEnd(text, from);
}

/** Behind the closing quote, or the end of the text without one. */
function quotedEnd(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, text.length);
}

/** The comma that ends an element. Those in a quoted string end none. */
function elementEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== ',') at = text[at] === '"' ? quotedEnd(text, at) : at + 1;
  return at;
}

function isBlank(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    if (text[at] !== ' ' && text[at] !== '\t') return false;
  }
  return true;
}

/** What stands in quotes; a string that is not closed is `''`. */
function unquoted(text: string): string {
  if (text[0] !== '"') return text;
  let content = '';
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '"') return content;
    if (text[at] === '\\') at++;
    content += text[at] ?? '';
  }
  return '';
}
