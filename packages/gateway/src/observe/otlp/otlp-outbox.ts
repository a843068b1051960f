import { WireWriter } from '../../core/protobuf/wire-writer.ts';
import type { OtlpBatch, OtlpSignal } from '../../core/otlp-batch.ts';
import { OtlpQueue } from './otlp-queue.ts';

/** What an outbox reaches the world through. */
export interface OutboxPorts {
  /** Hands a batch to the supervisor, which calls {@link OtlpOutbox.taken} when it has it. */
  readonly hand: (batch: OtlpBatch) => void;
  readonly dropped: (items: number) => void;
  /** Has {@link OtlpOutbox.flush} called after that time, whatever was wished before. */
  readonly flushAfter: (ms: number) => void;
}

/**
 * Where a data thread puts what is to be exported, one signal. It hands it on in batches, the next one when the one before was
 * taken: however busy the supervisor is, this thread keeps a bounded part of it and drops the oldest.
 */
export class OtlpOutbox {
  readonly #signal: OtlpSignal;
  readonly #ports: OutboxPorts;
  readonly #writer = new WireWriter();
  readonly #queue: OtlpQueue;
  #items = 0;
  #isUnderWay = false;

  constructor(signal: OtlpSignal, ports: OutboxPorts) {
    this.#signal = signal;
    this.#ports = ports;
    this.#queue = new OtlpQueue(BOUNDS, ports.dropped);
  }

  /** Adds an item; `write` is `writeServerSpan` or one of its siblings. */
  add<Item>(write: (writer: WireWriter, item: Item) => void, item: Item): void {
    write(this.#writer, item);
    this.#items++;
    if (this.#items >= MOST_ITEMS || this.#writer.pos >= MOST_BYTES) {
      this.flush();
    } else if (this.#items === 1) {
      this.#ports.flushAfter(WAIT_MS);
    }
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.#items > 0) {
      const bytes = this.#writer.finish();
      this.#queue.add({ signal: this.#signal, items: this.#items, bytes });
      this.#items = 0;
    }
    if (!this.#isUnderWay) this.#next();
  }

  /** Hands on everything at once: nobody will be here to hear that it was taken. */
  close(): void {
    this.flush();
    for (let left = this.#queue.items; left > 0; left = this.#queue.items) this.#next();
  }

  /** The supervisor has taken the last batch. */
  taken(): void {
    this.#isUnderWay = false;
    this.#next();
  }

  #next(): void {
    const [batch] = this.#queue.take(1);
    if (batch === undefined) return;
    this.#isUnderWay = true;
    this.#ports.hand(batch);
  }
}

const MOST_ITEMS = 256;
const MOST_BYTES = 256 * 1024;
const WAIT_MS = 250;
const BOUNDS = { maxItems: 2048, maxBytes: 8 * 1024 * 1024 };
