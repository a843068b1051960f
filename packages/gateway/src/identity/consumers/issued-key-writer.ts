import { emptyKeyTable, type KeyTable } from './key-table.ts';
import { type IssuedKey, type IssuedKeysData, nameDigest, OWNER_BYTES } from './issued-keys.ts';

/** What is free when a table is made, beside a quarter of what is in it: so many come before it is made anew. */
const ROOM = 1024;

/**
 * Issued keys in shared memory: the supervisor's part. A key that comes or goes is written in place, and threads see it with their next
 * request; nothing is sent to them, and however many others there are makes no difference.
 */
export class IssuedKeyWriter {
  /** What threads are to have, once. */
  readonly data: IssuedKeysData;
  readonly #table: KeyTable;
  readonly #owners: Buffer;
  readonly #numbers = new Map<string, number>();
  /** Whose slot it is, or was. */
  readonly #ids: string[] = [];
  readonly #uses: Float64Array;
  readonly #taken: Float64Array;
  /** How many more keys, or owners, there may be. */
  #room: number;

  /** With room for so many keys, and some more. */
  constructor(keys: number) {
    this.#room = Math.ceil(keys * 1.25) + ROOM;
    this.#table = emptyKeyTable(this.#room);
    const { buffer, slots } = this.#table;
    const owners = new SharedArrayBuffer(this.#room * OWNER_BYTES);
    const uses = new SharedArrayBuffer(slots * Float64Array.BYTES_PER_ELEMENT);
    this.data = { keys: buffer, owners, uses };
    this.#owners = Buffer.from(owners);
    this.#uses = new Float64Array(uses);
    this.#taken = new Float64Array(slots);
  }

  /** Adds a key, or changes it. False: there is no more room. Two with the same digest are one; the first counts. */
  put({ id, consumer, digest, expiresAt }: IssuedKey): boolean {
    const bytes = Buffer.from(digest, 'hex');
    const known = this.#table.find(bytes);
    if (known !== null && this.#ids[known.slot] !== id) return true;
    const isOwners = known !== null && known.consumer === this.#numbers.get(consumer);
    if (!isOwners && this.#room === 0) return false;
    if (!isOwners) this.#room--;
    if (known !== null && !isOwners) this.#table.removeAt(known.slot);
    const expiresAtMs = expiresAt ?? Infinity;
    const slot = this.#table.add({ digest: bytes, expiresAtMs, consumer: this.#numberOf(consumer) });
    this.#ids[slot] = id;
    return true;
  }

  remove({ id, digest }: Pick<IssuedKey, 'id' | 'digest'>): void {
    const known = this.#table.find(Buffer.from(digest, 'hex'));
    if (known !== null && this.#ids[known.slot] === id) this.#table.removeAt(known.slot);
  }

  /** The same keys in a table with more room; what was removed is forgotten there. */
  grown(): IssuedKeyWriter {
    const names = [...this.#numbers.keys()];
    const live = Array.from({ length: this.#table.slots }, (_, slot) => this.#table.at(slot));
    const found = live.filter((entry) => entry !== null);
    const next = new IssuedKeyWriter(found.length);
    for (const { digest, expiresAtMs, consumer, slot } of found) {
      const number = next.#numberOf(names[consumer] ?? '');
      const place = next.#table.add({ digest, expiresAtMs, consumer: number });
      next.#room--;
      next.#ids[place] = this.#ids[slot] ?? '';
      next.#uses[place] = this.#uses[slot] ?? 0;
      next.#taken[place] = this.#taken[slot] ?? 0;
    }
    return next;
  }

  /** By id: when keys were used last that were used since this was asked before, in milliseconds since 1970. */
  takeUses(): ReadonlyMap<string, number> {
    const uses = new Map<string, number>();
    for (const [slot, at] of this.#uses.entries()) {
      if (at <= (this.#taken[slot] ?? 0)) continue;
      this.#taken[slot] = at;
      uses.set(this.#ids[slot] ?? '', at);
    }
    return uses;
  }

  /** The number of an owner, whose name is there before a key says it. */
  #numberOf(consumer: string): number {
    const known = this.#numbers.get(consumer);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    nameDigest(consumer).copy(this.#owners, number * OWNER_BYTES);
    this.#numbers.set(consumer, number);
    return number;
  }
}
