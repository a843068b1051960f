/** A value that a field cannot have as it is stands between these, in base64 (MCP 2026-07-28, Transports). */
const WRAPPED = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** The value that a field of MCP stands for; null: it is not canonical base64 of UTF-8. */
export function decodeFieldValue(written: string): string | null {
  const [, base64] = WRAPPED.exec(written) ?? [];
  if (base64 === undefined) return Buffer.from(written, 'latin1').toString('utf8');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) return null;
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : null;
}

/** A value as a field has it. */
export function encodeFieldValue(value: string): string {
  const isPlain = PLAIN.test(value) && !value.startsWith('=?');
  return isPlain ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
