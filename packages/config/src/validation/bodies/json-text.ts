import { isObject } from '../json.ts';

/** What a text of JSON says, or what is wrong with it: completes "The body …". */
export type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly keyword: 'syntax' | 'depth' | 'duplicate'; readonly problem: string };

/** Brackets in brackets. Each costs those who look at the value some stack: us, and the service. */
const MAX_DEPTH = 200;

/**
 * Reads JSON (RFC 8259), strictly: no byte order mark, and no name twice in one object. Readers differ in which of the two they
 * take, so we might look at one value, and the service use another.
 */
export function readJson(text: string): ReadJson {
  const { depth, members } = measure(text);
  if (depth > MAX_DEPTH) return wrong('depth', `must not be nested more than ${MAX_DEPTH} levels deep`);
  const value = parsed(text);
  if (value === undefined) return wrong('syntax', 'must be JSON');
  if (members > 0 && countMembers(value) < members)
    return wrong('duplicate', 'must not have a name twice in an object');
  return { ok: true, value };
}

function wrong(keyword: 'syntax' | 'depth' | 'duplicate', problem: string): ReadJson {
  return { ok: false, keyword, problem };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the engine quotes the text.
    return undefined;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** How deep brackets are in one another, and how many members objects have: colons outside of strings. */
function measure(text: string): { readonly depth: number; readonly members: number } {
  let [depth, deepest, members] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at + 1);
    else if (code === COLON) members++;
    else if ((code | 0x20) === 0x7b) deepest = Math.max(deepest, ++depth);
    else if ((code | 0x20) === 0x7d) depth--;
  }
  return { depth: deepest, members };
}

/** The closing quote of a string that begins at `at`, or the end of the text. */
function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

function countMembers(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countMembers(item), 0);
  if (!isObject(value)) return 0;
  let members = 0;
  for (const name in value) members += 1 + countMembers(value[name]);
  return members;
}
