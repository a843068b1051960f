import { type Parsed, refused, understood } from './parsed.ts';

/** SHA-256 of a public key (SubjectPublicKeyInfo) as `sha256/BASE64`, as in RFC 7469 §2.4; gives the base64. */
export function parsePin(text: string): Parsed<string> {
  const [, digest] = /^sha256\/([A-Za-z0-9+/]{43}=)$/.exec(text) ?? [];
  return digest === undefined ? refused('is not sha256/ and 44 characters of base64') : understood(digest);
}
