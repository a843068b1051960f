import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/** The one time limit that a connection is under at the moment, and what is done when it is over. */
export class ConnectionDeadline {
  readonly #wheel: TimingWheel;
  readonly #deadline: Deadline;
  #expired: () => void = nothing;

  constructor(wheel: TimingWheel) {
    this.#wheel = wheel;
    this.#deadline = new Deadline(() => this.#expired());
  }

  /** Replaces what was set before. */
  set(afterMs: number, expired: () => void): void {
    this.#expired = expired;
    this.#wheel.set(this.#deadline, afterMs);
  }

  /** Whether that was set last. */
  isFor(expired: () => void): boolean {
    return this.#expired === expired;
  }

  clear(): void {
    this.#wheel.clear(this.#deadline);
  }

  /** There will be no other. */
  remove(): void {
    this.#wheel.remove(this.#deadline);
  }
}

function nothing(): void {}
