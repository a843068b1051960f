/** Bytes of one value at most: heads have limits everywhere, and an identity must not be what exceeds them. */
const MAX_BYTES = 1024;
/** From the first to the last visible ASCII character. */
const FIRST = 0x21;
const LAST = 0x7e;
const PERCENT = 0x25;

/**
 * A text as the value of a field: visible ASCII as it is; `%`, white space, control bytes and everything else as
 * percent-encoded UTF-8, so that decoding gives the text again, two texts never look the same and no line ends early.
 *
 * Null for what does not fit into 1 KiB or is not well-formed Unicode. It is not cut, because a part of a name may be the
 * name of another.
 */
export function fieldValue(text: string): string | null {
  if (text.length > MAX_BYTES || !text.isWellFormed()) return null;
  const value = isPlain(text) ? text : encoded(text);
  return value.length <= MAX_BYTES ? value : null;
}

/** Several, separated by spaces as scopes are (RFC 6749 §3.3). A space inside of one is encoded, so it stays one. */
export function listValue(texts: readonly string[]): string | null {
  const values: string[] = [];
  for (const text of texts) {
    const value = fieldValue(text);
    if (value === null) return null;
    values.push(value);
  }
  const value = values.join(' ');
  return value.length <= MAX_BYTES ? value : null;
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!isVisible(text.charCodeAt(i))) return false;
  }
  return true;
}

function encoded(text: string): string {
  let value = '';
  for (const byte of Buffer.from(text)) {
    value += isVisible(byte)
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return value;
}

function isVisible(code: number): boolean {
  return code >= FIRST && code <= LAST && code !== PERCENT;
}
