import type { WebsocketConfig } from '@turnpike/config';
import type { Receiver } from './own-frames.ts';

/** What is due at one moment of a WebSocket. */
export type Due =
  | { readonly kind: 'end'; readonly end: 'expired' | 'lifetime' | 'idle' | 'silent' }
  | { readonly kind: 'ping'; readonly to: Receiver }
  /** Nothing, until then. */
  | { readonly kind: 'nothing'; readonly untilMs: number };

/** The times that bound a WebSocket; null: not bounded. */
export type VigilConfig = Pick<WebsocketConfig, 'idleTimeoutMs' | 'lifetimeMs' | 'pingMs'>;

/** One side. */
interface Side {
  /** When something came from it, or it was pinged after that. */
  sinceMs: number;
  /** Whether it owes us a word. A flag, because an answer may come within one tick of the clock. */
  isPinged: boolean;
}

/**
 * Watches over the times of one WebSocket: how long it is open, how long nothing was said, and whether both sides are still
 * there. Times are of the monotonic clock; it has no timer of its own, and says what is due when it is asked.
 */
export class Vigil {
  readonly #config: VigilConfig;
  readonly #expiresAtMs: number;
  readonly #endsAtMs: number;
  readonly #sides: Readonly<Record<Receiver, Side>>;
  #activeAtMs: number;

  constructor(config: VigilConfig, nowMs: number, expiresAtMs: number) {
    this.#config = config;
    this.#expiresAtMs = expiresAtMs;
    this.#endsAtMs = nowMs + (config.lifetimeMs ?? Infinity);
    this.#activeAtMs = nowMs;
    this.#sides = {
      client: { sinceMs: nowMs, isPinged: false },
      service: { sinceMs: nowMs, isPinged: false },
    };
  }

  /** Something came from there. Answers to our pings are signs of life, and no use of the socket. */
  heard(from: Receiver, isSign: boolean, nowMs: number): void {
    const side = this.#sides[from];
    side.sinceMs = nowMs;
    side.isPinged = false;
    if (isSign || this.#config.pingMs === null) this.#activeAtMs = nowMs;
  }

  /** What is due now; `isHeldUp` says of which side nothing is read at the moment. */
  due(nowMs: number, isHeldUp: (side: Receiver) => boolean): Due {
    if (nowMs >= this.#expiresAtMs) return { kind: 'end', end: 'expired' };
    if (nowMs >= this.#endsAtMs) return { kind: 'end', end: 'lifetime' };
    const idleAtMs = this.#activeAtMs + (this.#config.idleTimeoutMs ?? Infinity);
    if (nowMs >= idleAtMs && !isHeldUp('client') && !isHeldUp('service')) return { kind: 'end', end: 'idle' };
    const { pingMs } = this.#config;
    let untilMs = Math.min(this.#expiresAtMs, this.#endsAtMs, Math.max(idleAtMs, nowMs + LOOK_AGAIN_MS));
    if (pingMs === null) return { kind: 'nothing', untilMs };
    for (const name of ['client', 'service'] as const) {
      const side = this.#sides[name];
      if (isHeldUp(name)) side.sinceMs = nowMs;
      const dueAtMs = side.sinceMs + pingMs;
      if (nowMs < dueAtMs) {
        untilMs = Math.min(untilMs, dueAtMs);
      } else if (side.isPinged) {
        return { kind: 'end', end: 'silent' };
      } else {
        side.sinceMs = nowMs;
        side.isPinged = true;
        return { kind: 'ping', to: name };
      }
    }
    return { kind: 'nothing', untilMs };
  }
}

/** An idle time that is over while nothing can be read is looked at again after that. */
const LOOK_AGAIN_MS = 100;
