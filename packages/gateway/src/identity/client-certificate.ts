import type { Exchange } from '../core/exchange.ts';
import { flattened } from '../core/latin1.ts';
import { Remembered } from '../core/remembered.ts';
import { onlyField } from './only-field.ts';

/** Longest text that is looked at; a certificate has about 2,000 characters. */
const MAX_LENGTH = 16 * 1024;
/** All that is remembered, about 500 certificates. */
const REMEMBERED_LENGTH = 1024 * 1024;

/** Of all listeners: what a text decodes to depends on nothing else. */
const decoded = new Remembered<Uint8Array>(REMEMBERED_LENGTH, (text) => text.length);

/** What tells whether a client proved itself with a certificate. */
export type CertificateBearer = Pick<Exchange, 'arrival' | 'fromTrustedProxy' | 'headers'>;

/**
 * The certificate (DER) with which the client proved itself in its TLS handshake, or null.
 *
 * A proxy in front of us ended the TLS and says so in `Client-Cert` (RFC 9440): a byte sequence, exactly one. It is believed
 * if the proxy is trusted and the listener takes its word. That proxy has also verified the chain up to an authority; we
 * cannot, because it is not in the field. The same array comes for the same text, so others can keep what they know of it.
 */
export function clientCertificateDer(bearer: CertificateBearer): Uint8Array | null {
  if (!hasClientCertificate(bearer)) return null;
  const text = onlyField(bearer.headers, 'client-cert');
  if (typeof text !== 'string') return null;
  const known = decoded.get(text);
  if (known !== undefined) return known;
  const der = byteSequence(text);
  if (der !== null) decoded.set(flattened(text), der);
  return der;
}

/** Whether there is a certificate, be it readable or not. */
export function hasClientCertificate({ arrival, fromTrustedProxy, headers }: CertificateBearer): boolean {
  return arrival.forwardedClientCert && fromTrustedProxy && headers.has('client-cert');
}

/** RFC 9651 §3.3.5, without parameters: colons around base64 in its one canonical form. */
function byteSequence(text: string): Uint8Array | null {
  if (text.length < 3 || text.length > MAX_LENGTH || !text.startsWith(':') || !text.endsWith(':'))
    return null;
  const base64 = text.slice(1, -1);
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : null;
}
