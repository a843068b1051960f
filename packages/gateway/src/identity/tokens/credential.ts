import { authSchemeOf, hasScheme } from '../auth-scheme.ts';

/** What an `Authorization` field brings, as far as tokens go. */
export type Credential =
  /** Nothing, or a scheme that is not about tokens. */
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'token'; readonly scheme: TokenCredential['scheme']; readonly token: string };

/** How a token came: just shown, or with a proof that it belongs to who shows it (RFC 9449 §7.1). */
export interface TokenCredential {
  readonly scheme: 'Bearer' | 'DPoP';
  readonly token: string;
}

const MAX_TOKEN_LENGTH = 8192;
const NONE: Credential = { kind: 'none' };
const MALFORMED: Credential = { kind: 'malformed' };
const EQUALS = 0x3d;
const SCHEMES: ReadonlyMap<string, TokenCredential['scheme']> = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
]);

/** Letters, digits and `-._~+/`: what a token may be made of (RFC 6750 §2.1, RFC 9110 §11.2). */
const IS_TOKEN_CHARACTER = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/') {
  IS_TOKEN_CHARACTER[character.charCodeAt(0)] = 1;
}

/**
 * Reads an `Authorization` field: the scheme in any case, one space, and a token of at most 8 KiB. What begins as a token
 * credential and is not one is malformed, not absent: whoever sends it means to be somebody.
 */
export function readCredential(field: string | undefined): Credential {
  if (field === undefined) return NONE;
  const name = authSchemeOf(field);
  const scheme = SCHEMES.get(name);
  if (scheme === undefined) return NONE;
  const token = field.slice(name.length + 1);
  return hasScheme(field, name) && isToken(token) ? { kind: 'token', scheme, token } : MALFORMED;
}

/** RFC 9110 §11.2, `token68`. */
function isToken(text: string): boolean {
  if (text.length > MAX_TOKEN_LENGTH) return false;
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === EQUALS) end--;
  for (let at = 0; at < end; at++) {
    if (IS_TOKEN_CHARACTER[text.charCodeAt(at)] !== 1) return false;
  }
  return end > 0;
}
