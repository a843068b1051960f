/**
 * The bytes of a base64url text, or null.
 *
 * Strict (RFC 7515 §2, RFC 4648 §3.5): no padding, no other characters, and no bits left over in the last one. So there is
 * one spelling for the same bytes, and nobody can change a character of a signed text without changing what it says.
 */
export function decodeBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
