import { createHmac } from 'node:crypto';
import type { DpopNonceConfig } from '@turnpike/config';
import type { Clock } from '../../core/ports.ts';

/** What a nonce in a proof is worth: good, good but soon over, or none of ours. */
export type NonceWorth = 'good' | 'fading' | 'wrong';

/**
 * Nonces that proofs must have (RFC 9449 §9): by them we know that a proof was not made long ago and kept. All callers have
 * the same at a time, so nothing is remembered: a nonce is a function of the time and of a secret that all gateways share.
 */
export class DpopNonces {
  readonly #secret: string;
  readonly #stepMs: number;
  readonly #clock: Clock;
  #step = -Infinity;
  #nonces: readonly string[] = [];

  constructor({ secret, lifetimeMs }: DpopNonceConfig, clock: Clock) {
    this.#secret = secret;
    this.#stepMs = lifetimeMs / 2;
    this.#clock = clock;
  }

  /** The one to give out now. */
  get current(): string {
    this.#turn();
    return this.#nonces[1] ?? '';
  }

  worth(nonce: unknown): NonceWorth {
    this.#turn();
    const age = this.#nonces.findIndex((one) => one === nonce);
    if (age < 0) return 'wrong';
    return age === 2 ? 'fading' : 'good';
  }

  /** The next one is good already: the clock of another gateway may be ahead. */
  #turn(): void {
    const step = Math.floor(this.#clock.epoch() / this.#stepMs);
    if (step === this.#step) return;
    this.#step = step;
    this.#nonces = [step + 1, step, step - 1].map((one) => this.#nonceOf(one));
  }

  #nonceOf(step: number): string {
    return createHmac('sha256', this.#secret)
      .update(`dpop nonce ${step}`)
      .digest('base64url')
      .slice(0, LENGTH);
  }
}

/** 132 bits. */
const LENGTH = 22;
