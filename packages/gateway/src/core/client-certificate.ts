import { hash } from 'node:crypto';
import type { Exchange } from './exchange.ts';
import { flattened } from './latin1.ts';
import { Remembered } from './remembered.ts';
import { onlyField } from './only-field.ts';

/** Longest text that is looked at; a certificate has about 2,000 characters. */
const MAX_LENGTH = 16 * 1024;
/** All that is remembered, about 500 certificates. */
const REMEMBERED_LENGTH = 1024 * 1024;

/** Of all listeners: what a text decodes to depends on nothing else. */
const decoded = new Remembered<Uint8Array>(REMEMBERED_LENGTH, (text) => text.length);

/** By the array, which is the same for one connection or text. */
const digests = new WeakMap<Uint8Array, string>();

/** What tells whether a client proved itself with a certificate. */
export type CertificateBearer = Pick<
  Exchange,
  'arrival' | 'fromTrustedProxy' | 'headers' | 'clientCertificate'
>;

/**
 * The certificate (DER) with which the client proved itself in its TLS handshake, or null.
 *
 * It ended here, or a proxy in front of us ended it and says so in `Client-Cert` (RFC 9440): a byte sequence, exactly one. That
 * is believed if the proxy is trusted and the listener takes its word; then the certificate of the connection is the
 * proxy's, and never that of its clients. That proxy has also verified the chain up to an authority; we cannot, because
 * it is not in the field. The same array comes for the same connection or text, so others can keep what they know of it.
 */
export function clientCertificateDer(bearer: CertificateBearer): Uint8Array | null {
  if (!isTold(bearer)) return bearer.clientCertificate;
  const text = onlyField(bearer.headers, 'client-cert');
  if (typeof text !== 'string') return null;
  const known = decoded.get(text);
  if (known !== undefined) return known;
  const der = byteSequence(text);
  if (der !== null) decoded.set(flattened(text), der);
  return der;
}

/** SHA-256 of a certificate in lower-case hexadecimal, worked out once for all requests of its connection. */
export function certificateDigest(der: Uint8Array): string {
  let digest = digests.get(der);
  if (digest === undefined) digests.set(der, (digest = hash('sha256', der)));
  return digest;
}

/** Whether there is a certificate, be it readable or not. */
export function hasClientCertificate(bearer: CertificateBearer): boolean {
  return isTold(bearer) ? bearer.headers.has('client-cert') : bearer.clientCertificate !== null;
}

/** Whether somebody in front of us speaks for the client. */
function isTold({ arrival, fromTrustedProxy }: CertificateBearer): boolean {
  return arrival.forwardedClientCert && fromTrustedProxy;
}

/** RFC 9651 §3.3.5, without parameters: colons around base64 in its one canonical form. */
function byteSequence(text: string): Uint8Array | null {
  if (text.length < 3 || text.length > MAX_LENGTH || !text.startsWith(':') || !text.endsWith(':'))
    return null;
  const base64 = text.slice(1, -1);
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : null;
}
