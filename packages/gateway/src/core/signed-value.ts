import { createHmac, timingSafeEqual } from 'node:crypto';
import { Remembered } from './remembered.ts';

/** Texts that clients keep for us and cannot change. They can read them. */
export interface SignedValue {
  /** The text with its signature behind it, fit for a cookie if the text is. */
  sign(text: string): string;
  /** The text that was signed, or null: it is not one of ours. */
  verify(signed: string): string | null;
}

/**
 * Signs with HMAC-SHA-256 (RFC 2104), cut to 128 bits, in base64url. What is signed for one purpose is nothing for another, and
 * neither is what another key has signed.
 *
 * The values are few and come again and again, so that those that were good are remembered; what is forged costs one hash each.
 */
export function signedValue(key: Uint8Array, purpose: string): SignedValue {
  const good = new Remembered<string>(MAX_REMEMBERED);

  // With its length in front, no purpose and text together look like another pair.
  const tagOf = (text: string): Buffer =>
    createHmac('sha256', key).update(`${purpose.length}:${purpose}${text}`).digest().subarray(0, TAG_BYTES);

  return {
    sign: (text) => `${text}${SEPARATOR}${tagOf(text).toString('base64url')}`,
    verify(signed) {
      if (signed.length > MAX_LENGTH) return null;
      const known = good.get(signed);
      if (known !== undefined) return known;
      const at = signed.lastIndexOf(SEPARATOR);
      if (at === -1) return null;
      const text = signed.slice(0, at);
      const tag = signed.slice(at + 1);
      // Compared as texts: several texts of base64url mean the same bytes, and only ours is good.
      const given = Buffer.from(tag);
      const expected = Buffer.from(tagOf(text).toString('base64url'));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      good.set(signed, text);
      return text;
    },
  };
}

const TAG_BYTES = 16;
const SEPARATOR = '.';
/** What is longer was never ours, and is not looked at. */
const MAX_LENGTH = 512;
const MAX_REMEMBERED = 512;
