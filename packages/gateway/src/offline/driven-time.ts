import type { Clock } from '../core/ports.ts';
import { TimingWheel } from '../core/timing-wheel.ts';

/** As often as the wheel of a gateway advances. */
const TICK_MS = 20;
/** A wait of hours is taken in so many steps at most. */
const MOST_STEPS = 5000;

/** Time that passes when it is told to, on both scales of the clock. */
export class DrivenTime implements Clock {
  readonly #startMs: number;
  #nowMs: number;
  #wheel: TimingWheel;

  /** `startMs` is on the wall clock. */
  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
    this.#wheel = new TimingWheel(() => this.#nowMs);
  }

  now(): number {
    return this.#nowMs;
  }

  epoch(): number {
    return this.#nowMs;
  }

  get wheel(): TimingWheel {
    return this.#wheel;
  }

  /** Back to the start, where nobody waits for anything. */
  restart(): void {
    this.#nowMs = this.#startMs;
    this.#wheel = new TimingWheel(() => this.#nowMs);
  }

  /** The next tick: what is due by then expires. */
  tick(): void {
    this.#pass(TICK_MS);
  }

  /** Lets so much time pass; what falls due on the way expires in its order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    const stepMs = Math.max(TICK_MS, ms / MOST_STEPS);
    while (this.#nowMs < endMs) this.#pass(Math.min(stepMs, endMs - this.#nowMs));
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    this.#wheel.advance();
  }
}
