import { hash } from 'node:crypto';
import type { IdentityProviderConfig, OAuthClientConfig } from '@turnpike/config';
import type { AccessToken, Errands, SessionTokens } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { HttpClient } from '../http/http-client.ts';
import { Breaker } from './breaker.ts';
import { ExpiringMap } from './expiring-map.ts';
import { Introspections } from './introspections.ts';
import type { Knowledge } from './knowledge.ts';
import type { Metadata } from './metadata.ts';
import { introspectionFailure } from './oauth-failure.ts';
import { introspect, redeemCode, refresh, requestToken, type IdTokenRules, type OAuthPeer } from './oauth.ts';
import { SingleFlight } from './single-flight.ts';
import { TokenCache } from './token-cache.ts';

type Asks<Kind extends keyof Errands> = Omit<Errands[Kind]['asks'], 'provider'>;
type Gives<Kind extends keyof Errands> = Errands[Kind]['gives'];

/** What calling a provider takes. */
export interface CallPorts {
  readonly http: HttpClient;
  /** For addresses that the provider names. */
  readonly namedHttp: HttpClient;
  readonly clock: Clock;
}

/**
 * The calls to one provider, for all threads: each question is asked once at a time, and what came of it is remembered as
 * long as it holds. Rejects with `IDENTITY_UNAVAILABLE`, or `UNAUTHENTICATED` when the provider says no.
 */
export class ProviderCalls {
  readonly #config: IdentityProviderConfig;
  readonly #knowledge: Knowledge;
  readonly #ports: CallPorts;
  readonly #introspections: Introspections;
  readonly #serviceTokens: TokenCache;
  readonly #sessions: ExpiringMap<SessionTokens>;
  readonly #sessionFlights = new SingleFlight<SessionTokens>();
  readonly #tokenEndpoint: Breaker;
  readonly #introspectionEndpoint: Breaker;

  constructor(config: IdentityProviderConfig, knowledge: Knowledge, ports: CallPorts) {
    const { clock } = ports;
    this.#config = config;
    this.#knowledge = knowledge;
    this.#ports = ports;
    this.#introspections = new Introspections(clock, config.introspection?.cacheMs ?? 0);
    this.#serviceTokens = new TokenCache(clock, MAX_SERVICE_TOKENS);
    this.#sessions = new ExpiringMap(clock, MAX_SESSIONS);
    this.#tokenEndpoint = new Breaker(clock);
    this.#introspectionEndpoint = new Breaker(clock);
  }

  /** For the admin API: whether the endpoints work. */
  get endpoints(): Readonly<Record<'token' | 'introspection', Breaker['state']>> {
    return { token: this.#tokenEndpoint.state, introspection: this.#introspectionEndpoint.state };
  }

  introspect({ token }: Asks<'introspect'>): Promise<Gives<'introspect'>> {
    const call = async () => {
      const client = given(this.#config.introspection);
      return introspect(await this.#peer(client, client.endpoint, 'introspectionEndpoint'), token);
    };
    return this.#introspections.get(token, async () => {
      try {
        return await this.#introspectionEndpoint.run(call);
      } catch (error) {
        // Not inside: a provider that does not like one token works, and must not be kept from the others.
        throw introspectionFailure(error);
      }
    });
  }

  /** The same answer of a browser gets the same tokens for a while: a second redemption would have the provider revoke both. */
  redeemCode(asks: Asks<'redeem-code'>): Promise<SessionTokens> {
    const { callback, redirectUri, state, nonce, verifier } = asks;
    return this.#session(keyOf('code', callback, redirectUri, state, nonce, verifier), async () => {
      const login = given(this.#config.login);
      const peer = await this.#peer(login, null, 'tokenEndpoint');
      const { namesItself } = await this.#knowledge.metadata();
      return redeemCode(peer, { ...asks, namesItself }, login.scopes, this.#idTokenRules);
    });
  }

  /** Parallel requests of a browser all bring the old token, which is good for one refresh when tokens rotate. */
  refreshTokens({ refreshToken }: Asks<'refresh-tokens'>): Promise<SessionTokens> {
    return this.#session(keyOf('refresh', refreshToken), async () => {
      const peer = await this.#peer(given(this.#config.login), null, 'tokenEndpoint');
      return refresh(peer, refreshToken, this.#idTokenRules);
    });
  }

  clientCredentials({ scopes, audience }: Asks<'client-credentials'>): Promise<AccessToken> {
    const key = keyOf('client', audience ?? '', ...scopes);
    return this.#serviceToken(key, 'client_credentials', target(scopes, audience));
  }

  exchangeToken({ subjectToken, scopes, audience }: Asks<'exchange-token'>): Promise<AccessToken> {
    const parameters = target(scopes, audience);
    parameters.set('subject_token', subjectToken);
    parameters.set('subject_token_type', ACCESS_TOKEN);
    parameters.set('requested_token_type', ACCESS_TOKEN);
    const key = keyOf('exchange', subjectToken, audience ?? '', ...scopes);
    return this.#serviceToken(key, TOKEN_EXCHANGE, parameters);
  }

  async #session(key: string, call: () => Promise<SessionTokens>): Promise<SessionTokens> {
    const known = this.#sessions.get(key);
    if (known !== null) return known;
    return this.#sessionFlights.run(key, async () => {
      const tokens = await this.#tokenEndpoint.run(call);
      this.#sessions.set(key, tokens, this.#ports.clock.epoch() + SAME_ANSWER_MS);
      return tokens;
    });
  }

  #serviceToken(key: string, grantType: string, parameters: URLSearchParams): Promise<AccessToken> {
    return this.#serviceTokens.get(key, () =>
      this.#tokenEndpoint.run(async () => {
        const client = given(this.#config.client);
        const peer = await this.#peer(client, client.endpoint, 'tokenEndpoint');
        return requestToken(peer, grantType, parameters);
      }),
    );
  }

  /** The endpoint of the configuration, or the one that the provider names. */
  async #peer(client: OAuthClientConfig, configured: string | null, name: EndpointName): Promise<OAuthPeer> {
    const { http, namedHttp, clock } = this.#ports;
    const common = { issuer: this.#config.issuer, clock, client };
    if (configured !== null) return { ...common, endpoint: configured, http, assertionAlgorithms: null };
    const metadata = await this.#knowledge.metadata();
    const endpoint = metadata[name];
    if (endpoint === null) throw new GatewayError('IDENTITY_UNAVAILABLE', `the provider names no ${name}`);
    return { ...common, endpoint, http: namedHttp, assertionAlgorithms: metadata.assertionAlgorithms };
  }

  get #idTokenRules(): IdTokenRules {
    const { algorithms, clockToleranceMs } = this.#config;
    return {
      algorithms,
      clockToleranceMs,
      keys: () => this.#knowledge.keys ?? [],
      refreshKeys: () => this.#knowledge.refreshKeys(),
    };
  }
}

type EndpointName = 'tokenEndpoint' | ('introspectionEndpoint' & keyof Metadata);

/** The configuration was changed while the errand was under way. */
function given<T>(config: T | null): T {
  if (config === null)
    throw new GatewayError('IDENTITY_UNAVAILABLE', 'the provider is not configured for it');
  return config;
}

/** Names what a token is for in both ways that there are: servers ignore what they do not know (RFC 6749 §3.2). */
function target(scopes: readonly string[], audience: string | null): URLSearchParams {
  const parameters = new URLSearchParams();
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
  if (audience === null) return parameters;
  parameters.set('audience', audience);
  if (URL.canParse(audience)) parameters.set('resource', audience); // RFC 8707 §2
  return parameters;
}

/** No secret stays in memory as a key. */
function keyOf(...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url');
}

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SAME_ANSWER_MS = 30_000;
const MAX_SERVICE_TOKENS = 10_000;
const MAX_SESSIONS = 10_000;
