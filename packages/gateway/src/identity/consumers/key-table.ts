import { timingSafeEqual } from 'node:crypto';

/** One that was found, and where: its slot is its own for as long as the table lives. */
export interface FoundEntry extends KeyEntry {
  readonly slot: number;
}

/** An API key as it is kept. */
export interface KeyEntry {
  /** SHA-256. A key is long and random, so that no salt or slow hash is needed to hide it. */
  readonly digest: Buffer;
  /** Milliseconds since 1970; Infinity when it does not expire. */
  readonly expiresAtMs: number;
  /** Number of the consumer. */
  readonly consumer: number;
}

// A slot: the digest, when it expires (float64), and the number of the consumer plus one (uint32): 0 in a slot that is free, and
// the highest in one whose key was removed. A digest never leaves its slot, and the number is written last and read first: so keys come and go under
// the eyes of the threads, and none ever sees half of one.
const DIGEST_BYTES = 32;
const EXPIRY_AT = 4;
const CONSUMER_AT = 10;
const SLOT_BYTES = 48;
const SLOT_DOUBLES = SLOT_BYTES / Float64Array.BYTES_PER_ELEMENT;
const SLOT_NUMBERS = SLOT_BYTES / Uint32Array.BYTES_PER_ELEMENT;
const [FREE, REMOVED] = [0, 2 ** 32 - 1];
/** With a third of the slots free, most keys are found in the first or second. */
const SLOTS_PER_KEY = 1.5;

/**
 * The keys of all consumers in shared memory: an open hash table that the supervisor writes and all threads read in place, so
 * that a reload costs them nothing however many keys there are. Throws if two consumers have the same key.
 */
export function writeKeyTable(keys: readonly KeyEntry[]): SharedArrayBuffer {
  const table = emptyKeyTable(keys.length);
  for (const key of keys) table.add(key);
  return table.buffer;
}

/** A table with room for so many keys, those counted that are removed. */
export function emptyKeyTable(keys: number): KeyTable {
  return new KeyTable(new SharedArrayBuffer((Math.ceil(keys * SLOTS_PER_KEY) + 1) * SLOT_BYTES));
}

/** A table of keys as a thread reads it. */
export class KeyTable {
  readonly buffer: SharedArrayBuffer;
  readonly #bytes: Buffer;
  readonly #doubles: Float64Array;
  readonly #numbers: Uint32Array;
  readonly #slots: number;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#bytes = Buffer.from(buffer);
    this.#doubles = new Float64Array(buffer);
    this.#numbers = new Uint32Array(buffer);
    this.#slots = buffer.byteLength / SLOT_BYTES;
  }

  get isEmpty(): boolean {
    return this.#slots === 1;
  }

  /** How many there are, free ones too. */
  get slots(): number {
    return this.#slots;
  }

  /** The key with this digest, or null. All of a digest is compared, in constant time. */
  find(digest: Buffer): FoundEntry | null {
    const entry = this.at(this.#slotOf(digest));
    // Into a slot that was free a moment ago, the key of somebody else may have come meanwhile.
    return entry !== null && timingSafeEqual(entry.digest, digest) ? entry : null;
  }

  /** The key in a slot, or null. Its digest is borrowed. */
  at(slot: number): FoundEntry | null {
    const number = this.#numberAt(slot);
    if (number === FREE || number === REMOVED) return null;
    const begin = slot * SLOT_BYTES;
    const digest = this.#bytes.subarray(begin, begin + DIGEST_BYTES);
    return { digest, expiresAtMs: this.#expiryAt(slot), consumer: number - 1, slot };
  }

  /** Whether a slot still says what was found in it, which costs less than to look for it. */
  isStill({ slot, consumer, expiresAtMs }: Pick<FoundEntry, 'slot' | 'consumer' | 'expiresAtMs'>): boolean {
    return this.#numberAt(slot) === consumer + 1 && this.#expiryAt(slot) === expiresAtMs;
  }

  /** Adds a key, or says anew when it expires; gives its slot. Only the one who writes may. */
  add({ digest, expiresAtMs, consumer }: KeyEntry): number {
    const slot = this.#slotOf(digest);
    const number = this.#numberAt(slot);
    const isTaken = number !== FREE && number !== REMOVED;
    if (isTaken && number !== consumer + 1) throw new SameKey(number - 1, consumer);
    if (number === FREE) digest.copy(this.#bytes, slot * SLOT_BYTES);
    this.#doubles[slot * SLOT_DOUBLES + EXPIRY_AT] = expiresAtMs;
    Atomics.store(this.#numbers, slot * SLOT_NUMBERS + CONSUMER_AT, consumer + 1);
    return slot;
  }

  /** Removes the key in a slot, which stays taken. */
  removeAt(slot: number): void {
    Atomics.store(this.#numbers, slot * SLOT_NUMBERS + CONSUMER_AT, REMOVED);
  }

  /** The slot of a digest: its own, or the free one that it would get. One is always free. */
  #slotOf(digest: Buffer): number {
    // The bytes of a digest are as even as any hash of them would be.
    for (let slot = digest.readUInt32LE(0) % this.#slots; ; slot = (slot + 1) % this.#slots) {
      if (this.#numberAt(slot) === FREE) return slot;
      const begin = slot * SLOT_BYTES;
      if (timingSafeEqual(this.#bytes.subarray(begin, begin + DIGEST_BYTES), digest)) return slot;
    }
  }

  #numberAt(slot: number): number {
    return Atomics.load(this.#numbers, slot * SLOT_NUMBERS + CONSUMER_AT);
  }

  #expiryAt(slot: number): number {
    return this.#doubles[slot * SLOT_DOUBLES + EXPIRY_AT] ?? Infinity;
  }
}

/** Two consumers, by their numbers, have the same key: nobody could say who is calling. */
export class SameKey extends Error {
  override readonly name = 'SameKey';
  readonly owner: number;
  readonly other: number;

  constructor(owner: number, other: number) {
    super(`consumers ${owner} and ${other} have the same key`);
    this.owner = owner;
    this.other = other;
  }
}
