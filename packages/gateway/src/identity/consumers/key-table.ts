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

// A slot: the digest, when it expires (float64), and the number of the consumer plus one (uint32), which is 0 in a free slot.
const DIGEST_BYTES = 32;
const EXPIRY_AT = 32;
const CONSUMER_AT = 40;
const SLOT_BYTES = 48;
/** With a third of the slots free, most keys are found in the first or second. */
const SLOTS_PER_KEY = 1.5;

/**
 * The keys of all consumers in shared memory: an open hash table that the supervisor writes once and all threads read in
 * place, so that a reload costs them nothing however many keys there are. Throws if two consumers have the same key.
 */
export function writeKeyTable(keys: readonly KeyEntry[]): SharedArrayBuffer {
  const slots = Math.ceil(keys.length * SLOTS_PER_KEY) + 1;
  const table = new KeyTable(new SharedArrayBuffer(slots * SLOT_BYTES));
  for (const key of keys) table.add(key);
  return table.buffer;
}

/** A table of keys as a thread reads it. */
export class KeyTable {
  readonly buffer: SharedArrayBuffer;
  readonly #bytes: Buffer;
  readonly #slots: number;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#bytes = Buffer.from(buffer);
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
    const at = this.#slotOf(digest);
    const consumer = this.#consumerAt(at);
    if (consumer === -1) return null;
    const expiresAtMs = this.#bytes.readDoubleLE(at + EXPIRY_AT);
    return { digest, expiresAtMs, consumer, slot: at / SLOT_BYTES };
  }

  /** Only while it is written. */
  add({ digest, expiresAtMs, consumer }: KeyEntry): void {
    const at = this.#slotOf(digest);
    const owner = this.#consumerAt(at);
    if (owner !== -1 && owner !== consumer) throw new SameKey(owner, consumer);
    digest.copy(this.#bytes, at);
    this.#bytes.writeDoubleLE(expiresAtMs, at + EXPIRY_AT);
    this.#bytes.writeUInt32LE(consumer + 1, at + CONSUMER_AT);
  }

  /** Where the slot of a digest begins: its own, or the free one that it would get. One is always free. */
  #slotOf(digest: Buffer): number {
    // The bytes of a digest are as even as any hash of them would be.
    for (let slot = digest.readUInt32LE(0) % this.#slots; ; slot = (slot + 1) % this.#slots) {
      const at = slot * SLOT_BYTES;
      if (this.#consumerAt(at) === -1) return at;
      if (timingSafeEqual(this.#bytes.subarray(at, at + DIGEST_BYTES), digest)) return at;
    }
  }

  #consumerAt(at: number): number {
    return this.#bytes.readUInt32LE(at + CONSUMER_AT) - 1;
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
