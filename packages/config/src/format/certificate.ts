import { ipFamily } from './ip.ts';
import { type Parsed, refused, understood } from './parsed.ts';

/** A distinguished name (RFC 4514 §3): `CN=warehouse,O=Example`. */
export function parseDistinguishedName(text: string): Parsed<string> {
  const attribute = String.raw`\s*([A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)*)\s*=([^,+"\\;<>]|\\.)*`;
  return new RegExp(`^${attribute}([,+]${attribute})*$`, 's').test(text)
    ? understood(text)
    : refused('is not a list of attributes such as CN=a,O=b');
}

/** A subject alternative name with its kind in front: `dns:a.example`, `uri:…`, `email:…`, `ip:…`. */
export function parseSubjectAltName(text: string): Parsed<string> {
  const [, kind, value = ''] = /^(dns|uri|email|ip):(.+)$/is.exec(text) ?? [];
  if (kind === undefined) return refused('begins with none of dns:, uri:, email: and ip:', guessKind(text));
  if (/[\s\p{Cc}]/u.test(value)) return refused('has a space in it');
  if (/^ip$/i.test(kind) && ipFamily(value) === null) return refused('has no IP address after ip:');
  return understood(`${kind.toLowerCase()}:${value}`);
}

function guessKind(text: string): string | undefined {
  if (/^[a-z][\w+.-]*:\/\//i.test(text)) return `uri:${text}`;
  if (ipFamily(text) !== null) return `ip:${text}`;
  if (/^[^@\s:]+@[^@\s:]+$/.test(text)) return `email:${text}`;
  return /^[\w*-]+(\.[\w-]+)+$/.test(text) ? `dns:${text}` : undefined;
}

/** A SPIFFE id: `spiffe://trust.domain/path`. */
export function parseSpiffeId(text: string): Parsed<string> {
  return /^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(text)
    ? understood(text)
    : refused('is not a SPIFFE id');
}

/** SHA-256 of a certificate, as lower-case hex without colons. */
export function parseFingerprint(text: string): Parsed<string> {
  const digits = text.replace(/^sha256[:=]/i, '').replaceAll(':', '');
  return /^[0-9a-f]{64}$/i.test(digits)
    ? understood(digits.toLowerCase())
    : refused('does not have 64 hexadecimal digits');
}
