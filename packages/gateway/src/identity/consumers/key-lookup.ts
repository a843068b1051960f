import { hash } from 'node:crypto';
import type { Authentication, Identity } from '../../core/identity.ts';
import { flattened } from '../../core/latin1.ts';
import type { Clock } from '../../core/ports.ts';
import { Remembered } from '../../core/remembered.ts';
import { refused } from '../refusals.ts';
import { identified, type IdentityOf } from './consumer-identity.ts';
import type { Lookup } from './consumers.ts';
import { KeyTable } from './key-table.ts';

/** Keys that need no second hash. Only right ones are remembered, so nobody can push them out with wrong ones. */
const REMEMBERED = 10_000;

/**
 * Finds consumers by API key: a hash when it comes for the first time, a look into a map after that, however many keys there
 * are. The characters of a key are bytes.
 */
export function keyLookup(keys: SharedArrayBuffer, identityOf: IdentityOf, clock: Clock): Lookup<string> {
  const table = new KeyTable(keys);
  const remembered = new Remembered<Identity>(REMEMBERED);

  return {
    isUsed: !table.isEmpty,
    recall(key) {
      const identity = remembered.get(key);
      return identity === undefined || isOver(identity, clock) ? null : identity;
    },
    find(key) {
      const entry = table.find(hash('sha256', Buffer.from(key, 'latin1'), 'buffer'));
      if (entry === null) return Promise.resolve(UNKNOWN);
      if (isOver(entry, clock)) return Promise.resolve(EXPIRED);
      const identity = identityOf(entry.consumer, 'key', entry.expiresAtMs);
      // A copy, because the key would hold on to the whole request head that it was cut from.
      remembered.set(flattened(key), identity);
      return Promise.resolve(identified(identity));
    },
  };
}

const UNKNOWN: Authentication = refused('unknown', 'The API key is not known.');
const EXPIRED: Authentication = refused('expired', 'The API key has expired.');

function isOver({ expiresAtMs }: { readonly expiresAtMs: number }, clock: Clock): boolean {
  return expiresAtMs !== Infinity && expiresAtMs <= clock.epoch();
}
