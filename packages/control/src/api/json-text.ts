export type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/** No document of ours is nested so deeply; code that walks one may then call itself for each level. */
export const MAX_DEPTH = 64;

/**
 * Reads JSON (RFC 8259) that a caller has sent: UTF-8, not nested too deeply, and without a member `__proto__`, which is one
 * assignment away from being no member any more.
 */
export function readJson(bytes: Uint8Array): ReadJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, message: 'it is not UTF-8' };
  }
  if (isTooDeep(text)) return { ok: false, message: `it is nested deeper than ${MAX_DEPTH} levels` };
  try {
    return { ok: true, value: JSON.parse(text, withoutProto) };
  } catch (error) {
    const message = error instanceof ForbiddenMember ? error.message : 'it is not JSON';
    return { ok: false, message };
  }
}

/** Counts brackets outside of strings, before anything is built of them. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) isInString = true;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++depth > MAX_DEPTH) return true;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--;
  }
  return false;
}

const [QUOTE, BACKSLASH, OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d,
];

class ForbiddenMember extends Error {}

function withoutProto(member: string, value: unknown): unknown {
  if (member === '__proto__') throw new ForbiddenMember('it has a member __proto__');
  return value;
}
