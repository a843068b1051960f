import type { TapSink } from '../admin/live-port.ts';
import type { TappedLine } from '../core/live-tap.ts';

/** What somebody who watches has not read yet: the oldest goes first, and is counted, when it becomes too much. */
export class TapQueue {
  readonly #sink: TapSink;
  #lines: TappedLine[] = [];
  #dropped = 0;

  constructor(sink: TapSink) {
    this.#sink = sink;
  }

  /** Adds what came; `dropped` are those that never will. */
  add(lines: readonly TappedLine[], dropped: number): void {
    const all = [...this.#lines, ...lines];
    this.#lines = all.slice(-MOST_WAITING);
    this.#dropped += dropped + all.length - this.#lines.length;
    this.pump();
  }

  /** Gives what there is, if the other end has read what it got. */
  pump(): void {
    if ((this.#lines.length === 0 && this.#dropped === 0) || !this.#sink.isReady()) return;
    const note = this.#dropped === 0 ? '' : `{"dropped":${this.#dropped}}\n`;
    const text = note + this.#lines.map(({ line }) => line).join('');
    this.#lines = [];
    this.#dropped = 0;
    this.#sink.write(text);
  }
}

/** A line has 4 KiB at most. */
const MOST_WAITING = 1000;
