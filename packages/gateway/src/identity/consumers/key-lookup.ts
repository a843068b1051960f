import { hash } from 'node:crypto';
import type { Authentication, Identity } from '../../core/identity.ts';
import { flattened } from '../../core/latin1.ts';
import type { Clock } from '../../core/ports.ts';
import { Remembered } from '../../core/remembered.ts';
import { refused } from '../refusals.ts';
import { identified, type IdentityOf } from './consumer-identity.ts';
import type { Lookup } from './consumers.ts';
import type { FoundKey, IssuedKeys } from './issued-keys.ts';
import { KeyTable } from './key-table.ts';

/** Keys that need no second hash. Only right ones are remembered, so nobody can push them out with wrong ones. */
const REMEMBERED = 10_000;

/**
 * Finds consumers by API key: a hash when it comes for the first time, a look into a map after that, however many keys there
 * are. The characters of a key are bytes.
 */
export function keyLookup(tables: KeyTables, identityOf: IdentityOf, clock: Clock): Lookup<string> {
  const [table, names] = [new KeyTable(tables.keys), new KeyTable(tables.names)];
  const { issued } = tables;
  const remembered = new Remembered<Known>(REMEMBERED);
  /** Of keys that were issued, what is remembered is good for as long as they are what they were. */
  const isOutdated = ({ found }: Known): boolean =>
    found !== null && (found.source !== issued?.current || !found.source.isStill(found.key));

  const markUsed = (found: Issued | null): void => found?.source.use(found.key, clock.epoch());

  function findIssued(digest: Buffer): Issued | null {
    const source = issued?.current ?? null;
    const key = source?.find(digest, names) ?? null;
    return source === null || key === null ? null : { source, key };
  }

  return {
    get isUsed() {
      return !table.isEmpty || issued !== null;
    },
    recall(key) {
      const known = remembered.get(key);
      if (known === undefined || isOutdated(known) || isOver(known.identity, clock)) return null;
      markUsed(known.found);
      return known.identity;
    },
    find(key) {
      const digest = hash('sha256', Buffer.from(key, 'latin1'), 'buffer');
      const own = table.find(digest);
      const found = own === null ? findIssued(digest) : null;
      const entry = own ?? found?.key ?? null;
      if (entry === null) return Promise.resolve(UNKNOWN);
      if (isOver(entry, clock)) return Promise.resolve(EXPIRED);
      const identity = identityOf(entry.consumer, 'key', entry.expiresAtMs);
      markUsed(found);
      // A copy, because the key would hold on to the whole request head that it was cut from.
      remembered.set(flattened(key), { identity, found });
      return Promise.resolve(identified(identity));
    },
  };
}

/** Whom a key led to, and by what: null is the configuration. */
interface Known {
  readonly identity: Identity;
  readonly found: Issued | null;
}

/** A key that was issued, and among which. */
interface Issued {
  readonly source: IssuedKeys;
  readonly key: FoundKey;
}

/** Where keys are: in the configuration, and those that were issued, if any may be. */
export interface KeyTables {
  readonly keys: SharedArrayBuffer;
  readonly names: SharedArrayBuffer;
  readonly issued: { readonly current: IssuedKeys | null } | null;
}

const UNKNOWN: Authentication = refused('unknown', 'The API key is not known.');
const EXPIRED: Authentication = refused('expired', 'The API key has expired.');

function isOver({ expiresAtMs }: { readonly expiresAtMs: number }, clock: Clock): boolean {
  return expiresAtMs !== Infinity && expiresAtMs <= clock.epoch();
}
