import { hash } from 'node:crypto';
import { KeyTable, writeKeyTable } from './key-table.ts';

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
  /** `writeKeyTable`; the numbers are those of `owners`. */
  readonly keys: SharedArrayBuffer;
  /** SHA-256 of the names of consumers, one after the other. */
  readonly owners: SharedArrayBuffer;
  /** When the key in each slot of the table was used last, in milliseconds since 1970 (float64). */
  readonly uses: SharedArrayBuffer;
}

const DIGEST_BYTES = 32;

/** Prepares issued keys for the threads: the supervisor's part. Two with the same digest are one; the first counts. */
export function compileIssuedKeys(issued: readonly IssuedKey[]): IssuedKeysData {
  const numbers = new Map<string, number>();
  const seen = new Set<string>();
  const entries = issued.flatMap(({ consumer, digest, expiresAt }) => {
    if (seen.has(digest)) return [];
    seen.add(digest);
    const number = numbers.get(consumer) ?? numbers.size;
    numbers.set(consumer, number);
    return [{ digest: Buffer.from(digest, 'hex'), expiresAtMs: expiresAt ?? Infinity, consumer: number }];
  });
  const owners = new SharedArrayBuffer(numbers.size * DIGEST_BYTES);
  for (const [name, number] of numbers) nameDigest(name).copy(Buffer.from(owners), number * DIGEST_BYTES);
  const keys = writeKeyTable(entries);
  return {
    keys,
    owners,
    uses: new SharedArrayBuffer(new KeyTable(keys).slots * Float64Array.BYTES_PER_ELEMENT),
  };
}

/** Where consumers of a snapshot are found by the digest of their name: a table like that of keys. */
export function writeNames(names: readonly string[]): SharedArrayBuffer {
  return writeKeyTable(
    names.map((name, consumer) => ({ digest: nameDigest(name), expiresAtMs: Infinity, consumer })),
  );
}

function nameDigest(name: string): Buffer {
  return hash('sha256', name, 'buffer');
}

/** A key that was found. */
export interface FoundKey {
  /** Number of its consumer in the snapshot. */
  readonly consumer: number;
  readonly expiresAtMs: number;
  /** Marks it as used at this moment, in milliseconds since 1970. */
  readonly use: (epochMs: number) => void;
}

/** Issued keys as a thread reads them. */
export class IssuedKeys {
  readonly #keys: KeyTable;
  readonly #owners: Buffer;
  readonly #uses: Float64Array;

  constructor({ keys, owners, uses }: IssuedKeysData) {
    this.#keys = new KeyTable(keys);
    this.#owners = Buffer.from(owners);
    this.#uses = new Float64Array(uses);
  }

  /** Where the use of a key is written; -1: there is no such key. */
  slotOf(digest: Buffer): number {
    return this.#keys.find(digest)?.slot ?? -1;
  }

  /** The key with a digest, or null; also when its consumer is not in the snapshot whose names these are. */
  find(digest: Buffer, names: KeyTable): FoundKey | null {
    const entry = this.#keys.find(digest);
    if (entry === null) return null;
    const at = entry.consumer * DIGEST_BYTES;
    const owner = names.find(this.#owners.subarray(at, at + DIGEST_BYTES));
    if (owner === null) return null;
    const use = (epochMs: number): void => {
      this.#uses[entry.slot] = epochMs;
    };
    return { consumer: owner.consumer, expiresAtMs: entry.expiresAtMs, use };
  }
}
