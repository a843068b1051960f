import type { Exchange } from '../core/exchange.ts';
import type { Clock } from '../core/ports.ts';
import { favour } from './favour.ts';

/**
 * Notices when more come than can be served, by rank. Then it does not help to wait, and it does not help everybody to be
 * served half of the time: the same callers get in for an hour, as many as there is room for.
 */
export class Crowd {
  readonly #clock: Clock;
  /** By rank: which part of those who came of late was refused, and when one came last. */
  readonly #refused = new Float64Array(RANKS);
  readonly #lastMs = new Float64Array(RANKS);
  /** By rank: how much of the room's last tenth was free of late. */
  readonly #headroom = new Float64Array(RANKS).fill(1);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One of this rank got in, or was refused for lack of room. */
  note(rank: number, isRefused: boolean, nowMs: number): void {
    const before = this.#isFresh(rank, nowMs) ? (this.#refused[rank] ?? 0) : 0;
    this.#refused[rank] = before + ((isRefused ? 1 : 0) - before) * NEWEST;
    this.#lastMs[rank] = nowMs;
  }

  isThere(rank: number, nowMs: number): boolean {
    return (this.#refused[rank] ?? 0) > MANY && this.#isFresh(rank, nowMs);
  }

  /** Whether one of the crowd may get in, when that part of its room is taken. */
  isFavoured(exchange: Exchange, rank: number, used: number): boolean {
    const headroom = Math.min(1, Math.max(0, (1 - used) / (1 - NARROW_FROM)));
    const before = this.#headroom[rank] ?? 1;
    const smoothed = before + (headroom - before) * NEWEST;
    this.#headroom[rank] = smoothed;
    return used < ROOMY_BELOW || favour(exchange, this.#clock.epoch()) < smoothed;
  }

  #isFresh(rank: number, nowMs: number): boolean {
    return nowMs - (this.#lastMs[rank] ?? 0) < REMEMBERED_MS;
  }
}

const RANKS = 5;
const NEWEST = 1 / 128;
const MANY = 0.1;
const REMEMBERED_MS = 1000;
const NARROW_FROM = 0.9;
const ROOMY_BELOW = 0.8;
