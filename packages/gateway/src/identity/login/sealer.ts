import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** What a sealed text is for. Each purpose has keys of its own, so that none passes for another. */
export type SealPurpose = 'session' | 'login' | 'ended';

/** Locks bytes so that only we can read them and nobody can change them, for a browser to keep. */
export interface Sealer {
  /** Gives base64url. It opens for the same `context` only. */
  seal(bytes: Uint8Array, context: string): string;
  /** Gives the bytes, or null for everything that was not sealed with one of our secrets for this context. */
  open(text: string, context: string): Buffer | null;
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals with AES-256-GCM under keys derived from `secrets` (HKDF with SHA-256, RFC 5869). The first seals, all open: a new
 * secret is put in front of the old one, and the old one is dropped when nothing that it sealed is in use any more.
 *
 * Nonces are random, 96 bits long; so a secret should seal no more than 2³² texts (NIST SP 800-38D §8.3).
 */
export function sealer(secrets: readonly string[], purpose: SealPurpose): Sealer {
  const keys = secrets.map((secret) => derivedKey(secret, purpose));
  const [sealingKey] = keys;
  if (sealingKey === undefined) throw new Error('There is no secret to seal with');

  return {
    seal: (bytes, context) => encrypted(bytes, sealingKey, context).toString('base64url'),
    open(text, context) {
      const sealed = strictBase64url(text);
      if (sealed === null || sealed.length < NONCE_BYTES + TAG_BYTES) return null;
      for (const key of keys) {
        const bytes = decrypted(sealed, key, context);
        if (bytes !== null) return bytes;
      }
      return null;
    },
  };
}

function derivedKey(secret: string, purpose: SealPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `turnpike ${purpose} cookie`, KEY_BYTES));
}

/** Nonce, ciphertext and tag. */
function encrypted(bytes: Uint8Array, key: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

function decrypted(sealed: Buffer, key: Buffer, context: string): Buffer | null {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const bytes = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return null; // the tag does not fit: another key or context, or somebody changed it
  }
  return bytes;
}

/** Node's decoder skips what is not in the alphabet; one sealed text has one spelling. */
function strictBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
