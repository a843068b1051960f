import { isUtf8 } from 'node:buffer';

/**
 * A text as the inside of a JSON string, plain ASCII, no longer than `maxLength`.
 *
 * What a client sent is latin1 bytes; where they are well-formed UTF-8 they are read so, otherwise as latin1. All
 * but printable ASCII is escaped, so that no line, terminal or encoding can be broken by it, and what is too long is cut
 * between two characters. The usual text comes back as it is, after one pass of a pattern that looks at each
 * character once, whatever it is.
 */
export function jsonText(text: string, maxLength: number): string {
  if (text.length > maxLength) return escaped(wholeCharacters(text, maxLength), maxLength);
  return UNSAFE.test(text) ? escaped(text, maxLength) : text;
}

/** The same text for formats that need no escapes, such as protobuf: well-formed, and no longer than `maxLength`. */
export function plainText(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? wholeCharacters(text, maxLength) : text;
  return UNSAFE.test(cut) ? readable(cut) : cut;
}

function escaped(text: string, maxLength: number): string {
  let out = '';
  for (const character of readable(text)) {
    const piece = LATIN1_PIECES[character.charCodeAt(0)] ?? escapedCharacter(character);
    if (out.length + piece.length > maxLength) break;
    out += piece;
  }
  return out;
}

function escapedCharacter(character: string): string {
  if (character === '"') return '\\"';
  if (character === '\\') return '\\\\';
  if (character >= ' ' && character <= '~') return character;
  let piece = '';
  for (let i = 0; i < character.length; i++) {
    piece += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return piece;
}

/** The text behind latin1 bytes; without lone surrogates, which strict JSON parsers refuse (RFC 8259 §8.2). */
function readable(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const isBytes = bytes.toString('latin1') === text;
  return isBytes && isUtf8(bytes) ? bytes.toString('utf8') : text.toWellFormed();
}

/** The first `length` units, less a UTF-8 sequence that the cut went through. */
function wholeCharacters(text: string, length: number): string {
  let end = length;
  if (isContinuation(text.charCodeAt(end))) {
    while (end > length - 4 && isContinuation(text.charCodeAt(end - 1))) end--;
    end--;
  }
  return text.slice(0, end);
}

function isContinuation(code: number): boolean {
  return code >= 0x80 && code <= 0xbf;
}

/** All but printable ASCII, quote and backslash. */
const UNSAFE = /[^ !#-[\]-~]/;

/** What becomes of each latin1 character. */
const LATIN1_PIECES: readonly string[] = Array.from({ length: 256 }, (_, code) =>
  escapedCharacter(String.fromCharCode(code)),
);
