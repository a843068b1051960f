import type { Jwk } from '../../core/desk.ts';

/**
 * The public keys for signatures in a JWK Set (RFC 7517 §5), 64 at most, with only those members that matter.
 *
 * A symmetric key, or one whose private part was published, proves nothing, and is left out; so is one for encryption.
 * Throws when nothing is left: an empty set is a mistake on the other side, and what is known is better.
 */
export function parseKeySet(text: string): readonly Jwk[] {
  const { keys } = parseObject(text);
  if (!Array.isArray(keys)) throw new Error('it is no JWK Set');
  const usable = keys.filter(isPublicSigningKey).slice(0, MAX_KEYS).map(publicPart);
  if (usable.length === 0) throw new Error('there is no public key for signatures in it');
  return usable;
}

/** The object that a text is in JSON. */
export function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON'); // without the cause, which quotes the text
  }
  if (!isObject(value)) throw new Error('it is no JSON object');
  return value;
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPublicSigningKey(key: unknown): key is Record<string, unknown> {
  if (!isObject(key) || !KEY_TYPES.has(key['kty'])) return false;
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name))) return false;
  if (key['use'] !== undefined && key['use'] !== 'sig') return false;
  const { key_ops: operations } = key;
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

function publicPart(key: Record<string, unknown>): Jwk {
  const texts = TEXT_MEMBERS.map((name) => [name, key[name]] as const);
  const kept = texts.filter(([, value]) => typeof value === 'string' && value.length <= MAX_MEMBER_LENGTH);
  return { kty: String(key['kty']), ...Object.fromEntries(kept) };
}

const MAX_KEYS = 64;
/** Enough for the modulus of an RSA key of 16,384 bits. */
const MAX_MEMBER_LENGTH = 4096;
const KEY_TYPES: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP']);
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const TEXT_MEMBERS = ['kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'];
