import { UNKNOWN_LENGTH, type Body } from '../../core/body.ts';
import type { DecodeHead } from '../../core/cache-memory.ts';
import { Remembered } from '../../core/remembered.ts';
import type { CacheTable } from './cache-table.ts';
import { CachedResponse, type ResponseOwner } from './cached-response.ts';
import { ENTRY, OPEN } from './entry-words.ts';
import { replaceHead, type Replacement } from './head-replacement.ts';
import { countUse, MOST_TEXT_BYTES, type EntryRecord } from './lookup.ts';
import { MemorySource } from './memory-source.ts';
import type { Pins } from './pins.ts';
import { HARD, SOFT } from './purge-board.ts';
import type { Watches } from './watches.ts';

/** What a thread remembers of what it found, in bytes; twice as much at most. */
const MEMO_BYTES = 4 * 1024 * 1024;
/** What a response costs there beside its texts. */
const MEMO_OVERHEAD_BYTES = 512;

/** What the responses of a thread are made with. */
export interface ResponsePorts<T> {
  readonly table: CacheTable;
  readonly pins: Pins;
  readonly watches: Watches;
  readonly decodeHead: DecodeHead<T>;
}

/** The responses that a thread has found, and those that it remembers. */
export class Responses<T> implements ResponseOwner {
  readonly #ports: ResponsePorts<T>;
  readonly #words: Int32Array;
  readonly #memo: Remembered<CachedResponse<T>>;

  constructor(ports: ResponsePorts<T>) {
    this.#ports = ports;
    this.#words = ports.table.area.words;
    this.#memo = new Remembered(MEMO_BYTES, weightOf);
  }

  /** What the thread remembers, whether it is still so or not. */
  known(key: string): CachedResponse<T> | undefined {
    return this.#memo.get(key);
  }

  /** Whether a response is still what is found under its key. If so, this was a hit, and it is held. */
  isHit(response: CachedResponse<T>): boolean {
    const { record } = response;
    const at = this.#ports.table.entries.at(record.entry);
    if (Atomics.load(this.#words, at + ENTRY.STAMP) !== record.stamp) return false;
    if (response.stand !== this.#ports.table.purges.stand && !this.#isUntouched(response)) return false;
    if (record.isGrowing && Atomics.load(this.#words, at + ENTRY.STATE) !== OPEN) return false;
    if (record.text === null && !this.#pin(record)) return false;
    response.hits = countUse(this.#ports.table, record.entry);
    return true;
  }

  /** A response from its record. */
  read(key: string, record: EntryRecord, known?: CachedResponse<T>): CachedResponse<T> {
    const isKnown = record.headText === null && known !== undefined;
    const head = isKnown ? known.head : this.#ports.decodeHead(record.headText ?? '');
    const response = new CachedResponse(this, record, key, head);
    this.#memo.set(key, response);
    return response;
  }

  bodyOf({ entry, length }: EntryRecord, from: number, to: number): Body {
    const { table, watches } = this.#ports;
    const end = length === UNKNOWN_LENGTH ? to : Math.min(to, length);
    if (from >= end) return null;
    const written = Atomics.load(this.#words, table.entries.at(entry) + ENTRY.WRITTEN);
    if (end - from <= MOST_TEXT_BYTES && written >= end)
      return table.chains.read(table.entries.get(entry, ENTRY.BODY), from, end);
    return new MemorySource(table, watches, { entry, from, to: end });
  }

  unpin(entry: number): void {
    this.#ports.pins.unpin(entry);
  }

  replaceHead(replacement: Replacement): boolean {
    return this.#ports.table.run(this.#replaceHead, replacement) ?? false;
  }

  readonly #replaceHead = (replacement: Replacement): boolean => replaceHead(this.#ports.table, replacement);

  /** Looks anew whether it was purged. */
  #isUntouched(response: CachedResponse<T>): boolean {
    const { purges } = this.#ports.table;
    const { digests, begunAfter, isSoftPurged } = response.record;
    const stand = purges.stand;
    const purged = purges.purged(digests, begunAfter);
    if (purged === HARD || (purged === SOFT) !== isSoftPurged) return false;
    response.stand = stand;
    return true;
  }

  #pin(record: EntryRecord): boolean {
    const { pins, table } = this.#ports;
    return pins.pinAgain(record.entry) || (table.run(this.#pinIfSame, record) ?? false);
  }

  readonly #pinIfSame = ({ entry, stamp }: EntryRecord): boolean => {
    const { entries } = this.#ports.table;
    return entries.get(entry, ENTRY.STAMP) === stamp && this.#ports.pins.pin(entry);
  };
}

function weightOf<T>(key: string, { record }: CachedResponse<T>): number {
  const { text, headText } = record;
  return key.length + (text?.length ?? 0) + (headText?.length ?? 0) + MEMO_OVERHEAD_BYTES;
}
