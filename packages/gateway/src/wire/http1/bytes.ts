/** Byte values and byte classes of HTTP/1.1 (RFC 9110 §5.6.2, RFC 9112 §2). */
export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;
export const DEL = 0x7f;

/** 1 for the bytes of a token: method and field names. */
export const TOKEN = byteClass((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)));

/** 1 for the bytes of a field value: HTAB, SP, visible characters and obs-text; no other control byte. */
export const FIELD_VALUE = byteClass((byte) => byte === HTAB || (byte >= SP && byte !== 0x7f));

/** 1 for the bytes that may stand in a request target: visible ASCII. Its parts are checked further where they are used. */
export const TARGET = byteClass((byte) => byte > SP && byte < 0x7f);

/** 1 for decimal digits. */
export const DIGIT = byteClass((byte) => byte >= 0x30 && byte <= 0x39);

/** Optional white space (RFC 9110 §5.6.3). */
export function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}

function byteClass(includes: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (includes(byte) ? 1 : 0));
}
