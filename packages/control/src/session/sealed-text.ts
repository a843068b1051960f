import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Locks text so that only we can read it and nobody can change it, for a browser to keep. */
export interface SealedText {
  /** Gives base64url; it opens for the same purpose only. */
  seal(text: string, purpose: string): string;
  /** null: it was not sealed here for this purpose. */
  open(sealed: string, purpose: string): string | null;
  /** What only we can make of a text: 256 bits in base64url. */
  mark(text: string, purpose: string): string;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals with AES-256-GCM under keys that are derived from a secret, one for each purpose (RFC 5869). */
export function sealedText(secret: string): SealedText {
  const keyFor = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `turnpike admin ${purpose}`, 32));

  return {
    seal(text, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, keyFor(purpose), nonce, { authTagLength: TAG_BYTES });
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(parts).toString('base64url');
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed, 'base64url');
      // Node's decoder skips what is not in the alphabet; one sealed text has one spelling.
      if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return null;
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const cipher = createDecipheriv(CIPHER, keyFor(purpose), nonce, { authTagLength: TAG_BYTES });
      cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const text = cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([text, cipher.final()]).toString('utf8');
      } catch {
        return null; // another secret, or somebody changed it
      }
    },
    mark: (text, purpose) => createHmac('sha256', keyFor(purpose)).update(text).digest('base64url'),
  };
}
