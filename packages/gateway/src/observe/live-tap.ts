import type { Exchange } from '../core/exchange.ts';
import { isWished, type TapBatch, type TappedLine, type TapWish } from '../core/live-tap.ts';
import { jsonLines } from './access-log-line.ts';
import type { WriteLine } from './line-parts.ts';
import { timeTexts } from './log-time.ts';

/** What a tap reaches the world through. */
export interface LiveTapPorts {
  /** What to add to the monotonic clock for the wall clock. */
  readonly clockOffsetMs: () => number;
  /** Hands a batch to the supervisor; resolves when it was taken or is lost. */
  readonly hand: (batch: TapBatch) => Promise<void>;
  /** Has {@link LiveTap.flush} called after that time. */
  readonly flushAfter: (ms: number) => void;
}

/**
 * Shows the requests of a thread to those who watch. While nobody does, it costs a look at the length of a list.
 *
 * In {@link FLUSH_MS}, and until the supervisor has taken what came before, it writes at most {@link MOST_LINES} and only counts
 * the rest: nobody can read more, and writing what is then thrown away is what would cost throughput.
 */
export class LiveTap {
  readonly #ports: LiveTapPorts;
  readonly #write: WriteLine;
  #wishes: readonly TapWish[] = [];
  #lines: TappedLine[] = [];
  #dropped = 0;
  #isDue = false;

  constructor(ports: LiveTapPorts) {
    this.#ports = ports;
    this.#write = jsonLines({ timeText: timeTexts(ports.clockOffsetMs), ownFieldsOf: null });
  }

  /** From now on these are looked for. */
  use(wishes: readonly TapWish[]): void {
    this.#wishes = wishes;
  }

  record(exchange: Exchange, endedAtMs: number): void {
    if (this.#wishes.length === 0) return;
    const { record } = exchange;
    if (!this.#wishes.some((wish) => isWished(wish, record))) return;
    if (this.#lines.length < MOST_LINES) {
      const line = this.#write(exchange, endedAtMs, 0);
      this.#lines.push({ route: record.route, status: record.status, line });
    } else this.#dropped++;
    if (this.#isDue) return;
    this.#isDue = true;
    this.#ports.flushAfter(FLUSH_MS);
  }

  /** Hands on what there is. */
  async flush(): Promise<void> {
    const batch = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = [];
    this.#dropped = 0;
    await this.#ports.hand(batch);
    this.#isDue = this.#lines.length > 0;
    if (this.#isDue) this.#ports.flushAfter(FLUSH_MS);
  }
}

/** Long enough for a message to the supervisor to be worth its price, and not so long that people notice. */
const FLUSH_MS = 100;
const MOST_LINES = 200;
