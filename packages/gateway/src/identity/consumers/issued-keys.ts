import { hash } from 'node:crypto';
import { type FoundEntry, KeyTable, writeKeyTable } from './key-table.ts';

/** A key of a consumer that was issued while the gateway runs. */
export interface IssuedKey {
  readonly id: string;
  readonly consumer: string;
  /** SHA-256 in hex. */
  readonly digest: string;
  /** Milliseconds since 1970; null: it does not expire. */
  readonly expiresAt: number | null;
}

/**
 * Issued keys in the form in which they cross to the threads. They name consumers by the digests of their names, not by their
 * numbers in a snapshot, so that keys and configuration change without one another.
 */
export interface IssuedKeysData {
  /** A `KeyTable`; the numbers are those of `owners`. */
  readonly keys: SharedArrayBuffer;
  /** SHA-256 of the names of consumers, one after the other. */
  readonly owners: SharedArrayBuffer;
  /** When the key in each slot of the table was used last, in milliseconds since 1970 (float64). */
  readonly uses: SharedArrayBuffer;
}

/** Where consumers of a snapshot are found by the digest of their name: a table like that of keys. */
export function writeNames(names: readonly string[]): SharedArrayBuffer {
  return writeKeyTable(
    names.map((name, consumer) => ({ digest: nameDigest(name), expiresAtMs: Infinity, consumer })),
  );
}

/** What stands for the name of a consumer among the owners of issued keys. */
export function nameDigest(name: string): Buffer {
  return hash('sha256', name, 'buffer');
}

/** Bytes of an owner. */
export const OWNER_BYTES = 32;

/** A key that was found. */
export interface FoundKey {
  /** Number of its consumer in the snapshot. */
  readonly consumer: number;
  readonly expiresAtMs: number;
  /** Where it was. */
  readonly entry: FoundEntry;
}

/** Issued keys as a thread reads them. They come and go in place; only when there is no more room, there are others. */
export class IssuedKeys {
  readonly #keys: KeyTable;
  readonly #owners: Buffer;
  readonly #uses: Float64Array;

  constructor({ keys, owners, uses }: IssuedKeysData) {
    this.#keys = new KeyTable(keys);
    this.#owners = Buffer.from(owners);
    this.#uses = new Float64Array(uses);
  }

  /** The key with a digest, or null; also when its consumer is not in the snapshot whose names these are. */
  find(digest: Buffer, names: KeyTable): FoundKey | null {
    const entry = this.#keys.find(digest);
    if (entry === null) return null;
    const at = entry.consumer * OWNER_BYTES;
    const owner = names.find(this.#owners.subarray(at, at + OWNER_BYTES));
    return owner === null ? null : { consumer: owner.consumer, expiresAtMs: entry.expiresAtMs, entry };
  }

  /** Whether it is as it was found. */
  isStill({ entry }: FoundKey): boolean {
    return this.#keys.isStill(entry);
  }

  /** Marks it as used at this moment, in milliseconds since 1970. */
  use({ entry }: FoundKey, epochMs: number): void {
    this.#uses[entry.slot] = epochMs;
  }
}
