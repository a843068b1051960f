import { isDeepStrictEqual } from 'node:util';
import type { IdentityProviderConfig } from '@turnpike/config';
import { isObject, parseKeySet } from './key-set.ts';
import type { Learned } from './kept-fresh.ts';
import type { Keyring } from './learn.ts';
import type { Metadata } from './metadata.ts';

/** What is known of a provider, as it is handed on. */
export interface SavedKnowledge {
  readonly keyring: Learned<Keyring> | null;
  readonly metadata: Learned<Metadata> | null;
}

/** Where knowledge comes from. Keys of another issuer, or from elsewhere, must never be taken for these. */
type Origin = Pick<IdentityProviderConfig, 'issuer' | 'keys'>;

/** Whether what is known of one is true of the other. */
export function isSameOrigin(one: Origin, other: Origin): boolean {
  return one.issuer === other.issuer && isDeepStrictEqual(one.keys, other.keys);
}

/** Must be raised when a type above changes so that an older file would not do. */
const FORMAT = 1;

/** What is to be written. */
export function toSave({ issuer, keys }: Origin, saved: SavedKnowledge): unknown {
  return { format: FORMAT, issuer, keys, ...saved };
}

/** What a file says, if it is of this origin and whole. */
export function fromSaved(origin: Origin, file: unknown): SavedKnowledge | null {
  if (!isObject(file) || file['format'] !== FORMAT || !isSameOrigin(origin, file as unknown as Origin))
    return null;
  const { keyring, metadata } = file as unknown as SavedKnowledge;
  try {
    return { keyring: keyring === null ? null : readKeyring(keyring), metadata };
  } catch {
    return null; // somebody else has written to it
  }
}

function readKeyring({ value, learnedAtMs }: Learned<Keyring>): Learned<Keyring> {
  if (typeof learnedAtMs !== 'number') throw new TypeError('it has no time');
  return { value: { ...value, keys: parseKeySet(JSON.stringify(value)) }, learnedAtMs };
}
