import { argon2, hash, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** A password as it is kept. */
export type PasswordHash = PlainPassword | SlowHash;

/** The digest of a password that the configuration has in plain text: texts of any length compare in the same time. */
export interface PlainPassword {
  readonly kind: 'plain';
  readonly digest: Buffer;
}

/** A hash that takes long on purpose. */
export interface SlowHash {
  readonly kind: 'slow';
  /** As it stands in the configuration. */
  readonly text: string;
  readonly derive: (password: string) => Promise<Buffer>;
  readonly expected: Buffer;
}

/** What one verification may take: above it, a few callers at once would be an outage. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
const MAX_PASSES = 64;
const MAX_LANES = 16;

const scryptAsync = promisify(scrypt) as (
  password: string,
  salt: Buffer,
  length: number,
  options: object,
) => Promise<Buffer>;
const argon2Async = promisify(argon2);

/**
 * Reads a password of the configuration: a PHC string of scrypt or argon2id, anything else is the password itself. Throws
 * for a PHC string that is malformed or asks for more than a gateway should spend; the message does not repeat it.
 */
export function readPassword(text: string): PasswordHash {
  if (!/^\$[a-z0-9-]+\$/.test(text)) return { kind: 'plain', digest: digestOf(text) };
  const slow = readScrypt(text) ?? readArgon2(text);
  if (slow === null)
    throw new Error('A password is a malformed PHC string, or one of an unknown or too costly kind');
  return slow;
}

/** Compares with a password in plain text, in a time that does not depend on either. */
export function isPlainPassword({ digest }: PlainPassword, password: string): boolean {
  return timingSafeEqual(digest, digestOf(password));
}

/** Computes the slow hash in the pool of libuv and compares. */
export async function isSlowPassword({ derive, expected }: SlowHash, password: string): Promise<boolean> {
  return timingSafeEqual(await derive(password), expected);
}

function digestOf(password: string): Buffer {
  return hash('sha256', password, 'buffer');
}

function readScrypt(text: string): SlowHash | null {
  const found = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,2})\$([^$]*)\$([^$]*)$/.exec(text);
  if (found === null) return null;
  const [, ln, r, p, salt, expected] = fields(found);
  const options = { N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  const memoryBytes = 128 * options.r * (options.N + options.p);
  if (options.N < 2 || options.r < 1 || options.p < 1 || options.p > MAX_LANES) return null;
  if (memoryBytes > MAX_MEMORY_BYTES) return null;
  return slowHash(text, salt, expected, (password, bytes, length) =>
    scryptAsync(password, bytes, length, { ...options, maxmem: 2 * memoryBytes }),
  );
}

function readArgon2(text: string): SlowHash | null {
  const found = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([^$]*)\$([^$]*)$/.exec(text);
  if (found === null) return null;
  const [, m, t, p, salt, expected] = fields(found);
  const options = { memory: Number(m), passes: Number(t), parallelism: Number(p) };
  const { memory, passes, parallelism } = options;
  if (parallelism < 1 || parallelism > MAX_LANES || passes < 1 || passes > MAX_PASSES) return null;
  if (memory < 8 * parallelism || memory * 1024 > MAX_MEMORY_BYTES) return null;
  return slowHash(text, salt, expected, (message, nonce, tagLength) =>
    argon2Async('argon2id', { ...options, message, nonce, tagLength }),
  );
}

type Derive = (password: string, salt: Buffer, length: number) => Promise<Buffer>;

function slowHash(text: string, salt: string, expected: string, derive: Derive): SlowHash | null {
  const [saltBytes, expectedBytes] = [unpadded(salt), unpadded(expected)];
  if (saltBytes === null || saltBytes.length < 8 || saltBytes.length > 64) return null;
  if (expectedBytes === null || expectedBytes.length < 16 || expectedBytes.length > 64) return null;
  return {
    kind: 'slow',
    text,
    expected: expectedBytes,
    derive: (password) => derive(password, saltBytes, expectedBytes.length),
  };
}

/** Base64 without padding, in its one canonical form. */
function unpadded(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text ? bytes : null;
}

type Fields = readonly [whole: string, string, string, string, string, string];

function fields(found: RegExpExecArray): Fields {
  return found as unknown as Fields;
}
