import { FULL, UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import { BLOCK_BYTES } from './area.ts';
import type { CacheTable } from './cache-table.ts';
import { BROKEN, ENTRY, GONE, STORED } from './entry-words.ts';
import type { Watches } from './watches.ts';

/** Which bytes of which entry. `to` may be Infinity: until there are no more. */
export interface Span {
  readonly entry: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Bytes of an entry that is pinned, as views of the memory itself; what is not there yet follows when it has come. A sink may
 * keep what it is given, as long as the entry is pinned.
 */
export class MemorySource implements BodySource {
  readonly length: number;
  readonly #table: CacheTable;
  readonly #watches: Watches;
  readonly #entry: number;
  readonly #to: number;
  #at: number;
  /** Where in the body its run begins; 0 is none, when nothing was there yet. */
  #run = 0;
  #runAt = 0;
  #sink: BodySink | null = null;
  #isPaused = true;

  constructor(table: CacheTable, watches: Watches, { entry, from, to }: Span) {
    this.#table = table;
    this.#watches = watches;
    this.#entry = entry;
    this.#at = from;
    this.#to = to;
    this.length = to === Infinity ? UNKNOWN_LENGTH : to - from;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.resume();
  }

  resume(): void {
    if (!this.#isPaused || this.#sink === null) return;
    this.#isPaused = false;
    this.#pump();
  }

  cancel(): void {
    this.#sink = null;
  }

  /** The body has grown, or is over. */
  changed(): void {
    if (!this.#isPaused) this.#pump();
  }

  #pump(): void {
    const signal = this.#watches.signalOf(this.#entry);
    const at = this.#table.entries.at(this.#entry);
    const state = Atomics.load(this.#table.area.words, at + ENTRY.STATE);
    const written = Atomics.load(this.#table.area.words, at + ENTRY.WRITTEN);
    this.#writeUpTo(Math.min(written, this.#to));
    const sink = this.#sink;
    if (sink === null || this.#isPaused) return;
    if (this.#at >= this.#to || state === STORED || state === GONE) this.#finish((sink) => sink.end(null));
    else if (state === BROKEN) this.#finish(failed);
    else this.#watches.watch(this.#entry, signal, this);
  }

  #writeUpTo(end: number): void {
    if (this.#at >= end) return;
    while (this.#sink !== null && this.#at < end && !this.#isPaused) {
      const piece = this.#piece(end);
      if (piece === null) return this.#finish(failed);
      this.#at += piece.length;
      if (this.#sink.write(piece) === FULL) this.#isPaused = true;
    }
    this.#sink?.flush();
  }

  /** The bytes from here to the end of their run. Null: the entry is not pinned any more, and became something else. */
  #piece(end: number): Buffer | null {
    const { runs, entries, area } = this.#table;
    if (this.#run === 0) this.#run = entries.get(this.#entry, ENTRY.BODY);
    let bytes = runs.countOf(this.#run) * BLOCK_BYTES;
    while (this.#run !== 0 && bytes > 0 && this.#at >= this.#runAt + bytes) {
      this.#runAt += bytes;
      this.#run = runs.next(this.#run);
      bytes = runs.countOf(this.#run) * BLOCK_BYTES;
    }
    if (this.#run === 0 || bytes <= 0) return null;
    const from = runs.byteOf(this.#run) + this.#at - this.#runAt;
    return Buffer.from(area.words.buffer, from, Math.min(end, this.#runAt + bytes) - this.#at);
  }

  #finish(ending: (sink: BodySink) => void): void {
    const sink = this.#sink;
    this.#sink = null;
    if (sink !== null) ending(sink);
  }
}

function failed(sink: BodySink): void {
  sink.fail(new GatewayError('UPSTREAM_INCOMPLETE', 'the fill that was followed broke off'));
}
