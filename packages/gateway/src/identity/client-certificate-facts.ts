import { hash, X509Certificate } from 'node:crypto';
import { canonicalNameOfLines } from './distinguished-name.ts';
import { alternativeNames } from './subject-alt-names.ts';

/** What a certificate says, in forms that can be compared. */
export interface CertificateFacts {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Canonical; null when it is empty, or cannot be compared with anything. */
  readonly subject: string | null;
  /** Canonical alternative names with their kinds: `dns:a.example`. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly validFromMs: number;
  readonly validToMs: number;
}

/**
 * Reads a certificate; null for bytes that are none, or that have others behind them.
 *
 * The dates are for the caller to check. Who signed it is not looked at: what ended the TLS did that, and had the chain.
 */
export function certificateFacts(der: Uint8Array): CertificateFacts | null {
  try {
    const certificate = new X509Certificate(der);
    if (!certificate.raw.equals(der)) return null;
    // Its types forget that an empty name is none.
    const subject: string | undefined = certificate.subject;
    return {
      fingerprint: hash('sha256', der, 'hex'),
      subject: subject === undefined ? null : canonicalNameOfLines(subject),
      names: alternativeNames(certificate.subjectAltName ?? ''),
      validFromMs: certificate.validFromDate.getTime(),
      validToMs: certificate.validToDate.getTime(),
    };
  } catch {
    return null; // OpenSSL, or a name in a form that Node.js does not show
  }
}
