import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { CannotOpen, NoSealingKey, type Place, type Sealer } from '../domain/sealer.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 6;
/** `sealed:1:KEY:BYTES`: the format, the id of the key, and nonce, text and tag. */
const SEALED = /^sealed:1:([0-9a-f]{12}):([\w-]{38,})$/;

/** A sealer whose keys may change over time. */
export interface RotatingSealer extends Sealer {
  /** Whether it is sealed with the key that seals now. */
  isCurrent(sealed: string): boolean;
}

interface Key {
  /** Tells keys apart, and nothing about them. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** What seals and opens. `keys` are texts that nobody can guess; the first seals, all open. */
export function sealer(keys: readonly string[]): RotatingSealer {
  const known = keys.map(keyOf);
  const byId = new Map(known.map((key) => [key.id, key]));
  const [first] = known;
  return {
    seal(text, place) {
      if (first === undefined)
        throw new NoSealingKey('there is no key for secrets; set stores.database.encryption.keys');
      return seal(first, text, place);
    },
    open(sealed, place) {
      const [, id = '', bytes = ''] = SEALED.exec(sealed) ?? [];
      const key = byId.get(id);
      if (key === undefined)
        throw new CannotOpen(`it was sealed with the key ${id}, which is not among the keys`);
      return open(key, Buffer.from(bytes, 'base64url'), place);
    },
    isSealed: (text) => SEALED.test(text),
    isCurrent: (sealed) => first !== undefined && SEALED.exec(sealed)?.[1] === first.id,
  };
}

function seal({ id, bytes }: Key, text: string, place: Place): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, bytes, nonce, { authTagLength: TAG_BYTES }).setAAD(placeBytes(place));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `sealed:1:${id}:${sealed.toString('base64url')}`;
}

function open({ bytes }: Key, sealed: Buffer, place: Place): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, bytes, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(placeBytes(place)).setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (error) {
    throw new CannotOpen('it was changed, or sealed for another place', { cause: error });
  }
}

function placeBytes({ kind, name, pointer }: Place): Buffer {
  return Buffer.from(JSON.stringify([kind, name, pointer]));
}

function keyOf(text: string): Key {
  const derive = (purpose: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', text, '', `turnpike ${purpose}`, length));
  return {
    id: derive('name of a sealing key', ID_BYTES).toString('hex'),
    bytes: derive('sealing', KEY_BYTES),
  };
}
