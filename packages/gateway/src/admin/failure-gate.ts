import type { Clock } from '../core/ports.ts';
import { networkOf } from '../core/limit-key-parts.ts';

/** So many wrong credentials in a minute, and an address is not listened to until the minute is over. */
const MOST_FAILURES = 20;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; the oldest are forgotten first. */
const MOST_ADDRESSES = 10_000;

/** Wrong credentials came from somewhere. */
export interface CredentialFailure {
  readonly address: string;
  /** They were the last that is listened to. */
  readonly isLockedNow: boolean;
}

interface Failures {
  readonly endsAtMs: number;
  count: number;
}

/**
 * Slows down who guesses credentials: right ones are refused as well while an address is locked, so that nobody learns which of
 * many guesses was right. Callers of IPv6 are told apart by /64, because one machine has as many addresses as it likes.
 */
export class FailureGate {
  readonly #clock: Clock;
  readonly #told: (failure: CredentialFailure) => void;
  readonly #failures = new Map<string, Failures>();

  #count = 0;

  constructor(clock: Clock, told: (failure: CredentialFailure) => void = () => {}) {
    this.#clock = clock;
    this.#told = told;
  }

  /** Seconds until the address is listened to again; 0: it is. */
  lockedSeconds(address: string): number {
    const failures = this.#failures.get(keyOf(address));
    if (failures === undefined || failures.count < MOST_FAILURES) return 0;
    return Math.max(0, Math.ceil((failures.endsAtMs - this.#clock.now()) / 1000));
  }

  /** How often credentials were wrong. */
  get count(): number {
    return this.#count;
  }

  /** Addresses that are not listened to. */
  get locked(): number {
    const nowMs = this.#clock.now();
    const locked = [...this.#failures.values()].filter(
      ({ count, endsAtMs }) => count >= MOST_FAILURES && endsAtMs > nowMs,
    );
    return locked.length;
  }

  /** Wrong credentials came from there. */
  failed(address: string): void {
    this.#count++;
    this.#told({ address, isLockedNow: this.#countedAt(address) === MOST_FAILURES });
  }

  #countedAt(address: string): number {
    const key = keyOf(address);
    const nowMs = this.#clock.now();
    const known = this.#failures.get(key);
    if (known !== undefined && known.endsAtMs > nowMs) {
      known.count++;
      return known.count;
    }
    this.#failures.delete(key);
    this.#failures.set(key, { endsAtMs: nowMs + WINDOW_MS, count: 1 });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MOST_ADDRESSES && oldest !== undefined) this.#failures.delete(oldest);
    return 1;
  }
}

function keyOf(address: string): string {
  return networkOf({ address, family: address.includes(':') ? 'ipv6' : 'ipv4' });
}
