import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { KeyPair } from './challenge-certificate.ts';

/** When a certificate is valid, in milliseconds since 1970. */
export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * When a certificate with its key is valid. Throws when listeners could not show the two: a chain that OpenSSL cannot read
 * would otherwise be met by the data threads, with every configuration that comes after it.
 */
export function usablePair({ certificate, key }: KeyPair): Validity {
  const first = new X509Certificate(certificate);
  if (!first.checkPrivateKey(createPrivateKey(key))) throw new Error('it is not for our key');
  createSecureContext({ cert: certificate, key });
  return { fromMs: first.validFromDate.getTime(), toMs: first.validToDate.getTime() };
}

/** The host names on the first certificate of a PEM text, in lower case. */
export function namesOf(pem: string): string[] {
  const names = new X509Certificate(pem).subjectAltName ?? '';
  return names
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length).toLowerCase());
}

/** How authorities that suggest when to renew call a certificate (RFC 9773 §4.1); null: it does not say whose it is. */
export function renewalId(pem: string): string | null {
  const { raw, serialNumber } = new X509Certificate(pem);
  const issuer = authorityKeyId(raw);
  const hex = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
  // As an INTEGER of DER: one whose first bit is set has a zero before it.
  const serial = Buffer.from(/^[89A-F]/i.test(hex) ? `00${hex}` : hex, 'hex');
  return issuer && `${issuer.toString('base64url')}.${serial.toString('base64url')}`;
}

/** OBJECT IDENTIFIER 2.5.29.35 (RFC 5280 §4.2.1.1). */
const AUTHORITY_KEY_ID = Buffer.of(0x06, 0x03, 0x55, 0x1d, 0x23);

/** Short values only, of which it is one: OCTET STRING, SEQUENCE, and [0] in it. */
function authorityKeyId(certificate: Buffer): Buffer | null {
  const at = certificate.indexOf(AUTHORITY_KEY_ID) + AUTHORITY_KEY_ID.length;
  if (at < AUTHORITY_KEY_ID.length) return null;
  const [octets, , list, , id, length = 0] = certificate.subarray(at, at + 6);
  const value = certificate.subarray(at + 6, at + 6 + length);
  return octets === 0x04 && list === 0x30 && id === 0x80 && length < 0x80 && value.length === length
    ? value
    : null;
}
