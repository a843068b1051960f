import { asObject } from './acme-failure.ts';
import { usablePair, type Validity } from './certificate-facts.ts';
import type { KeyPair } from './challenge-certificate.ts';

/** A certificate that was fetched, as the storage has it. */
export interface StoredCertificate extends KeyPair {
  readonly validity: Validity;
}

/** What a storage is given. */
export function certificateText({ certificate, key }: KeyPair): string {
  return `${JSON.stringify({ certificate, key })}\n`;
}

/** What a storage gave; null: nothing, or nothing that can be used, and the next order replaces it. */
export function storedCertificate(text: string | null): StoredCertificate | null {
  try {
    const { certificate, key } = asObject(JSON.parse(text ?? ''));
    if (typeof certificate !== 'string' || typeof key !== 'string') return null;
    return { certificate, key, validity: usablePair({ certificate, key }) };
  } catch {
    return null;
  }
}
