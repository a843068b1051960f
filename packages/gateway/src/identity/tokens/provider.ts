import type { IdentityProviderConfig } from '@turnpike/config';

import type { Desk, ProviderNews } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { DpopNonces } from './dpop-nonces.ts';
import type { Jws } from './jws.ts';
import { RefusedTokens } from './refused-tokens.ts';
import { verificationKey, type VerificationKey } from './verification-key.ts';

/** What a provider needs to learn its keys. */
export interface ProviderPorts {
  readonly clock: Clock;
  readonly desk: Desk;
}

const MAX_KEYS = 64;
/** For a token that names no key: so many signatures are the most that it may cost. */
const MAX_KEYS_WITHOUT_ID = 8;
/** How long nobody is asked for keys after that did not help: whoever invents ids of keys must not cause a call each. */
const REST_MS = 30_000;

/** An identity provider as one thread knows it: its configuration, its keys, and what it does not vouch for. */
export class Provider {
  readonly config: IdentityProviderConfig;
  readonly refused = new RefusedTokens();
  /** That proofs for its tokens must have; null: none. */
  readonly nonces: DpopNonces | null;
  readonly #ports: ProviderPorts;
  /** By the text of their JWKs, so that a key that stays is not made anew. */
  #keysByText: ReadonlyMap<string, VerificationKey> = new Map();
  #keys: ReadonlySet<VerificationKey> = new Set();
  #learning: Promise<void> | null = null;
  #restsUntilMs = 0;
  #isAnswering = true;

  constructor(config: IdentityProviderConfig, ports: ProviderPorts) {
    this.config = config;
    this.nonces = config.dpopNonce === null ? null : new DpopNonces(config.dpopNonce, ports.clock);
    this.#ports = ports;
  }

  /** Whether a key that is not among those known does not exist; otherwise nobody can tell. */
  get knowsItsKeys(): boolean {
    return this.#keys.size > 0 && this.#isAnswering;
  }

  /** Whether it still has a key. What was signed by one that it withdrew is no longer good. */
  has(key: VerificationKey): boolean {
    return this.#keys.has(key);
  }

  /** Takes the keys that were published. Those that cannot be used are left out. */
  hear({ keys, problem }: ProviderNews): void {
    const keysByText = new Map<string, VerificationKey>();
    for (const jwk of (keys ?? []).slice(0, MAX_KEYS)) {
      const text = JSON.stringify(jwk);
      const key = this.#keysByText.get(text) ?? verificationKey(jwk);
      if (key !== null) keysByText.set(text, key);
    }
    this.#keysByText = keysByText;
    this.#keys = new Set(keysByText.values());
    if (problem === '') this.#isAnswering = true;
    this.#restsUntilMs = 0;
    this.refused.clear();
  }

  /** The keys that may have signed it. If there is none, they are learned anew once, and then not again for a while. */
  async keysFor(jws: Jws): Promise<readonly VerificationKey[]> {
    const known = this.#find(jws);
    if (known.length > 0 || this.#ports.clock.now() < this.#restsUntilMs) return known;
    await this.#learn();
    const found = this.#find(jws);
    if (found.length === 0) this.#restsUntilMs = this.#ports.clock.now() + REST_MS;
    return found;
  }

  /** Several keys may have the same id; without an id, each key that fits the algorithm may be meant. */
  #find({ keyId, algorithm }: Jws): readonly VerificationKey[] {
    const keys = [...this.#keys];
    if (keyId !== null) return keys.filter(({ id }) => id === keyId);
    return keys.filter(({ verifiers }) => verifiers.has(algorithm)).slice(0, MAX_KEYS_WITHOUT_ID);
  }

  /** All who wait for keys wait for the same answer. The news come before it. */
  #learn(): Promise<void> {
    this.#learning ??= this.#askForKeys().finally(() => {
      this.#learning = null;
    });
    return this.#learning;
  }

  async #askForKeys(): Promise<void> {
    try {
      await this.#ports.desk.run('refresh-keys', { provider: this.config.id });
      this.#isAnswering = true;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      // The provider does not answer. What is known of it stays good, and the supervisor goes on trying.
      this.#isAnswering = false;
    }
  }
}
