import type { GatewayConfig } from '@turnpike/config';
import type { Jwk, SigningNews } from '../../core/desk.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { keptKey } from './kept-key.ts';
import { publishedKeys, type JwkSet } from './published-keys.ts';
import { keyOfPem, newSigningKey, publicHalf, UnusableKey } from './signing-key.ts';

/** What the supervisor lends to {@link SigningKeys}. */
export interface SigningPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Where a key of our own is kept. */
  readonly stateDirectory: string;
  readonly publish: (news: SigningNews) => void;
}

/** How long a key stays published when it signs no more: longer than services keep the keys that they have read. */
const RETIREMENT_MS = 10 * 60_000;

/**
 * The key with which the data threads sign identities, in the supervisor: the configured one, or one of our own that is
 * made once and kept. Several gateways before the same services need a configured one, which they share.
 */
export class SigningKeys {
  readonly #ports: SigningPorts;
  #own: Jwk | null = null;
  #news: SigningNews | null = null;

  constructor(ports: SigningPorts) {
    this.#ports = ports;
  }

  /**
   * Takes over a configuration; without a route that signs, nothing is made and nothing read. Rejects with
   * {@link UnusableKey} when the configured key is none, and then the one before stays.
   */
  async use({ routes, runtime }: Pick<GatewayConfig, 'routes' | 'runtime'>): Promise<void> {
    if (!routes.some(({ policies }) => policies.forwardIdentity === 'jwt')) return;
    const { signingKey } = runtime;
    this.#sign(signingKey === null ? await this.#ownKey() : configuredKey(signingKey));
  }

  /** The public keys, for services that verify (RFC 7517 §5). */
  jwks(): JwkSet {
    return publishedKeys(this.#news, this.#ports.clock.epoch());
  }

  #sign(key: Jwk): void {
    const before = this.#news;
    if (before?.key.kid === key.kid) return;
    const nowMs = this.#ports.clock.epoch();
    const retired = (before?.retired ?? []).filter(
      (former) => former.untilMs > nowMs && former.key.kid !== key.kid,
    );
    if (before !== null) retired.push({ key: publicHalf(before.key), untilMs: nowMs + RETIREMENT_MS });
    this.#news = { topic: 'signing-key', id: '', key, retired };
    this.#ports.publish(this.#news);
  }

  /** Without a place to keep it, Turnpike runs as well: with a key that lasts as long as the process. */
  async #ownKey(): Promise<Jwk> {
    if (this.#own !== null) return this.#own;
    const { stateDirectory, log } = this.#ports;
    try {
      this.#own = await keptKey(stateDirectory);
    } catch (error) {
      log.warn('the signing key cannot be kept, so a restart will change it', { stateDirectory, error });
      this.#own = await newSigningKey();
    }
    return this.#own;
  }
}

function configuredKey(pem: string): Jwk {
  try {
    return keyOfPem(pem);
  } catch (error) {
    if (error instanceof UnusableKey) throw new UnusableKey(`runtime.signingKey: ${error.message}`);
    throw error;
  }
}
