import { hash } from 'node:crypto';
import type { Errands } from '../../core/desk.ts';
import type { Clock } from '../../core/ports.ts';
import { ExpiringMap } from './expiring-map.ts';
import { SingleFlight } from './single-flight.ts';

type Introspection = Errands['introspect']['gives'];
/** What a provider says. */
type Said = Omit<Introspection, 'askAgainAtMs'>;

/**
 * What a provider said of tokens, shared by all threads, by hash. What it accepts and what it refuses are kept apart, so that
 * made-up tokens push none of the real ones out.
 */
export class Introspections {
  readonly #clock: Clock;
  readonly #cacheMs: number;
  readonly #active: ExpiringMap<Introspection>;
  readonly #inactive: ExpiringMap<Introspection>;
  readonly #flights = new SingleFlight<Introspection>();

  constructor(clock: Clock, cacheMs: number) {
    this.#clock = clock;
    this.#cacheMs = cacheMs;
    this.#active = new ExpiringMap(clock, MAX_ACTIVE);
    this.#inactive = new ExpiringMap(clock, MAX_INACTIVE);
  }

  /** What is known of a token, or what `ask` says. Failures are not kept. */
  get(token: string, ask: () => Promise<Said>): Promise<Introspection> {
    const key = hash('sha256', token, 'base64url');
    const known = this.#active.get(key) ?? this.#inactive.get(key);
    if (known !== null) return Promise.resolve(known);
    return this.#flights.run(key, async () => this.#keep(key, await ask()));
  }

  #keep(key: string, { isActive, claims }: Said): Introspection {
    const nowMs = this.#clock.epoch();
    const expiresAtMs = typeof claims['exp'] === 'number' ? claims['exp'] * 1000 : Infinity;
    const lifetimeMs = Math.min(this.#cacheMs, isActive ? Infinity : INACTIVE_MS);
    // Nothing else is said of a token that is none (RFC 7662 §2.2).
    const kept = { isActive, claims: isActive ? claims : {}, askAgainAtMs: this.#clock.now() + lifetimeMs };
    (isActive ? this.#active : this.#inactive).set(key, kept, Math.min(expiresAtMs, nowMs + lifetimeMs));
    return kept;
  }
}

const INACTIVE_MS = 10_000;
const MAX_ACTIVE = 10_000;
const MAX_INACTIVE = 10_000;
