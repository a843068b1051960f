import type { UpstreamCredentialsConfig } from '@turnpike/config';
import type { AccessToken, Desk } from '../../core/desk.ts';
import type { Clock } from '../../core/ports.ts';
import { TokenSource } from './token-source.ts';

/**
 * The tokens with which this thread calls services. Routes with the same credentials share theirs, and keep them when the
 * configuration is loaded again.
 */
export class ServiceTokens {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #sources = new Map<string, TokenSource>();

  constructor(desk: Desk, clock: Clock) {
    this.#desk = desk;
    this.#clock = clock;
  }

  /** Where tokens for these credentials come from. */
  source(config: UpstreamCredentialsConfig): TokenSource {
    const { grant, provider, scopes, audience } = config;
    const key = JSON.stringify([grant, provider, scopes, audience]);
    let source = this.#sources.get(key);
    if (source === undefined) {
      source = new TokenSource((subjectToken) => this.#fetch(config, subjectToken), this.#clock);
      this.#sources.set(key, source);
    }
    return source;
  }

  #fetch(config: UpstreamCredentialsConfig, subjectToken: string): Promise<AccessToken> {
    const { grant, provider, scopes, audience } = config;
    return grant === 'client-credentials'
      ? this.#desk.run(grant, { provider, scopes, audience })
      : this.#desk.run('exchange-token', { provider, subjectToken, scopes, audience });
  }
}
