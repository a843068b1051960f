import { ENTRY_BYTES, STATIC_TABLE, TABLE_BYTES } from './static-table.ts';

/** What was last sent under a name. */
interface Slot {
  value: string;
  /** The number of its entry: entries are numbered as they are made, and the oldest go first. */
  entry: number;
  /** How often in a row the value was another one than the last. */
  changes: number;
}

/** A field that is never the same would only push those out of the table that are. */
const MAX_CHANGES = 4;
/** Names are the choice of services. */
const MAX_SLOTS = 64;
/** Nobody on the way may keep these (RFC 7541 §7.1.3). */
const SECRET = new Set(['set-cookie', 'authorization', 'proxy-authorization', 'cookie']);

const STATIC_NAMES = new Map<string, number>();
const STATIC_FIELDS = new Map<string, string>();
for (const [i, { name, value }] of STATIC_TABLE.entries()) {
  if (!STATIC_NAMES.has(name)) STATIC_NAMES.set(name, i + 1);
  if (name === ':status') STATIC_FIELDS.set(value, integer(i + 1, 0x7f, 0x80));
}

/**
 * Writes the header blocks of one direction of a connection (RFC 7541), as text of one character a byte. Values are not
 * compressed by themselves: what comes again is one byte from the second time on, and all else costs less as it is.
 */
export class FieldEncoder {
  readonly #slots = new Map<string, Slot>();
  /** The sizes of the entries from {@link #oldest} on. */
  readonly #sizes: number[] = [];
  #oldest = 0;
  #next = 0;
  #tableBytes = 0;
  #maxTableBytes = TABLE_BYTES;
  #isResized = false;

  /** The other end has said how large a table it keeps. */
  resize(bytes: number): void {
    const most = Math.min(bytes, TABLE_BYTES);
    if (most === this.#maxTableBytes) return;
    // All go, so that it does not matter whether it was smaller for a moment.
    while (this.#sizes.length > 0) this.#dropOldest();
    this.#maxTableBytes = most;
    this.#isResized = true;
  }

  /** The block of names and values in turn. */
  encode(pairs: readonly string[]): string {
    let block = '';
    if (this.#isResized) {
      this.#isResized = false;
      block = integer(0, 0x1f, 0x20) + integer(this.#maxTableBytes, 0x1f, 0x20);
    }
    for (let i = 0; i + 1 < pairs.length; i += 2) block += this.#field(pairs[i] ?? '', pairs[i + 1] ?? '');
    return block;
  }

  #field(name: string, value: string): string {
    if (name === ':status') return STATIC_FIELDS.get(value) ?? this.#literal(name, value, 0x0f, 0);
    if (SECRET.has(name)) return this.#literal(name, value, 0x0f, 0x10);
    // All others would have to go for it, and it would not be there either (RFC 7541 §4.4).
    if (sizeOf(name, value) > this.#maxTableBytes) return this.#literal(name, value, 0x0f, 0);
    const slot = this.#slots.get(name);
    if (slot === undefined) {
      if (this.#slots.size >= MAX_SLOTS) return this.#literal(name, value, 0x0f, 0);
      const text = this.#literal(name, value, 0x3f, 0x40);
      this.#slots.set(name, { value, entry: this.#remember(name, value), changes: 0 });
      return text;
    }
    const isThere = slot.entry >= this.#oldest;
    if (slot.value === value && isThere) {
      slot.changes = 0;
      return integer(STATIC_TABLE.length + this.#next - slot.entry, 0x7f, 0x80);
    }
    if (slot.changes >= MAX_CHANGES && isThere) return this.#literal(name, value, 0x0f, 0);
    const text = this.#literal(name, value, 0x3f, 0x40);
    slot.changes++;
    slot.value = value;
    slot.entry = this.#remember(name, value);
    return text;
  }

  #literal(name: string, value: string, mask: number, pattern: number): string {
    return this.#name(name, mask, pattern) + integer(value.length, 0x7f, 0) + value;
  }

  #name(name: string, mask: number, pattern: number): string {
    const known = STATIC_NAMES.get(name);
    if (known !== undefined) return integer(known, mask, pattern);
    const slot = this.#slots.get(name);
    if (slot !== undefined && slot.entry >= this.#oldest)
      return integer(STATIC_TABLE.length + this.#next - slot.entry, mask, pattern);
    return String.fromCharCode(pattern) + integer(name.length, 0x7f, 0) + name;
  }

  /** Gives the number of the new entry, which has room. */
  #remember(name: string, value: string): number {
    const size = sizeOf(name, value);
    while (this.#tableBytes + size > this.#maxTableBytes) this.#dropOldest();
    this.#sizes.push(size);
    this.#tableBytes += size;
    return this.#next++;
  }

  #dropOldest(): void {
    this.#tableBytes -= this.#sizes.shift() ?? 0;
    this.#oldest++;
  }
}

function sizeOf(name: string, value: string): number {
  return name.length + value.length + ENTRY_BYTES;
}

/** An integer whose prefix is in the bits of `mask`, under a pattern in the others (RFC 7541 §5.1). */
function integer(value: number, mask: number, pattern: number): string {
  if (value < mask) return String.fromCharCode(pattern | value);
  let text = String.fromCharCode(pattern | mask);
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) text += String.fromCharCode((rest % 128) | 128);
  return text + String.fromCharCode(rest);
}
