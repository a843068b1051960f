import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A new key or token: what its owner gets, and what we keep. */
export interface Credential {
  /** `PREFIX_` and 8 characters: the beginning of the text, by which people tell it. */
  readonly id: string;
  /** Shown once. */
  readonly text: string;
  /** SHA-256 of the text in hex. The text is so long that nobody can guess it, so nothing slower is needed. */
  readonly digest: string;
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 8;
/** About 190 bits. */
const SECRET_LENGTH = 32;
const CHECK_LENGTH = 6;

/**
 * Makes `PREFIX_` + id + `_` + secret + checksum. The checksum is the CRC-32 of all before it, so that scanners can tell a leaked
 * one from what only looks like it, and a typing mistake is no failed login.
 */
export function newCredential(prefix: string, secretBytes: (count: number) => Uint8Array): Credential {
  const id = `${prefix}_${randomText(ID_LENGTH, secretBytes)}`;
  const body = `${id}_${randomText(SECRET_LENGTH, secretBytes)}`;
  const text = `${body}${checksum(body)}`;
  return { id, text, digest: digestOf(text) };
}

/** Whether a text can be a credential at all: it has the form, and the checksum is right. */
export function isWellFormed(text: string): boolean {
  if (!/^[a-z]{2,4}_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}$/.test(text)) return false;
  return text.endsWith(checksum(text.slice(0, -CHECK_LENGTH)));
}

/** What is kept of a credential. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Leaves out bytes that would make some letters more likely than others. */
function randomText(length: number, secretBytes: (count: number) => Uint8Array): string {
  const fair = 256 - (256 % LETTERS.length);
  let text = '';
  while (text.length < length) {
    for (const byte of secretBytes(length)) {
      if (byte < fair && text.length < length) text += LETTERS[byte % LETTERS.length];
    }
  }
  return text;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  while (digits.length < CHECK_LENGTH) {
    digits = `${LETTERS[rest % LETTERS.length]}${digits}`;
    rest = Math.floor(rest / LETTERS.length);
  }
  return digits;
}
