import { addFirst, addSecond, slotOf } from './hash.ts';
import { Header } from './layout.ts';

const DOT = 0x2e;
/** Hosts that are longer, which no DNS name is, only reach routes for any host. */
const MAX_HOST_LENGTH = 255;

/**
 * The groups of routes that a host reaches, most specific first: its own, those of its suffixes from the longest, and any host.
 * Remembers those of the last host that was asked for.
 */
export class HostGroups {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #slots: number;
  readonly #slotMask: number;
  readonly #hostCount: number;
  readonly #hasSuffixes: boolean;
  readonly #groups = new Int32Array(MAX_HOST_LENGTH + 2);
  #host = '';
  #count = 1;

  // The suffixes of the host in hand, from the shortest: where they start, and their hashes in both lanes.
  readonly #starts = new Int32Array(MAX_HOST_LENGTH);
  readonly #first = new Int32Array(MAX_HOST_LENGTH);
  readonly #second = new Int32Array(MAX_HOST_LENGTH);

  constructor(words: Int32Array, bytes: Uint8Array) {
    this.#words = words;
    this.#bytes = bytes;
    this.#slots = words[Header.hostSlots] ?? 0;
    this.#slotMask = words[Header.hostSlotMask] ?? 0;
    this.#hostCount = words[Header.hostCount] ?? 0;
    this.#hasSuffixes = words[Header.suffixCount] !== 0;
  }

  /** Finds the groups of a host and gives their number. */
  find(host: string): number {
    if (this.#hostCount === 0 || host === this.#host) return this.#count;
    this.#host = host;
    this.#count = 0;
    if (host.length > 0 && host.length <= MAX_HOST_LENGTH) this.#findNamed(host);
    this.#groups[this.#count++] = 0;
    return this.#count;
  }

  /** One of the groups that were found. */
  at(index: number): number {
    return this.#groups[index] ?? 0;
  }

  /** One scan from the right meets every suffix, so its hash need not be computed again. */
  #findNamed(host: string): void {
    let first = this.#words[Header.seedFirst] ?? 0;
    let second = this.#words[Header.seedSecond] ?? 0;
    let suffixes = 0;
    for (let at = host.length - 1; at >= 0; at--) {
      const code = host.charCodeAt(at);
      first = addFirst(first, code);
      second = addSecond(second, code);
      if (code === DOT && at > 0 && this.#hasSuffixes) {
        this.#starts[suffixes] = at;
        this.#first[suffixes] = first;
        this.#second[suffixes] = second;
        suffixes++;
      }
    }
    this.#add(first, second, 0);
    while (--suffixes >= 0) {
      this.#add(this.#first[suffixes] ?? 0, this.#second[suffixes] ?? 0, this.#starts[suffixes] ?? 0);
    }
  }

  /** Adds the group of the part of the host that begins at `start`, if there is one. */
  #add(first: number, second: number, start: number): void {
    const words = this.#words;
    let slot = slotOf(first, second) & this.#slotMask;
    for (;;) {
      const at = this.#slots + slot * 2;
      const record = words[at + 1] ?? 0;
      if (record === 0) return;
      if (words[at] === first && words[record] === second && this.#isHost(record, start)) {
        this.#groups[this.#count++] = words[record + 1] ?? 0;
        return;
      }
      slot = (slot + 1) & this.#slotMask;
    }
  }

  #isHost(record: number, start: number): boolean {
    const host = this.#host;
    if (this.#words[record + 2] !== host.length - start) return false;
    let stored = this.#words[record + 3] ?? 0;
    for (let at = start; at < host.length; at++) {
      if (this.#bytes[stored++] !== host.charCodeAt(at)) return false;
    }
    return true;
  }
}
