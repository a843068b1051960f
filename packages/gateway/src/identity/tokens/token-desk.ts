import { isDeepStrictEqual } from 'node:util';
import type { IdentityProviderConfig } from '@turnpike/config';

import type { Desk, NewsStand } from '../../core/desk.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Authentication, Authenticator, Identity, Refusal } from '../../core/identity.ts';
import { authSchemeOf } from '../auth-scheme.ts';
import { challengesOf, takesBearer } from './challenges.ts';
import { readCredential, type TokenCredential } from './credential.ts';
import { introspect } from './introspect.ts';
import { verifyLogoutToken, type VerifiedLogout } from './logout-token.ts';
import { possessionCheck, type PossessionCheck, type PossessionPorts } from './possession.ts';
import { Provider } from './provider.ts';
import { inScheme, refusal } from './token-refusals.ts';
import { TokenMemory, type VerifiedToken } from './verified-token.ts';
import { verifySigned } from './verify-signed.ts';

/** What tokens are judged with. */
export interface TokenPorts extends PossessionPorts {
  readonly desk: Desk;
  readonly news: NewsStand;
}

/** Access tokens as credentials on one route. */
export type TokenScheme = Pick<Authenticator, 'challenges' | 'recall' | 'authenticate'>;

/**
 * Judges the tokens of one thread. All routes share it, and with it the keys of the providers and the memory of tokens
 * that were verified: a token that comes again costs one look into a map.
 */
export class TokenDesk {
  readonly #ports: TokenPorts;
  readonly #memory = new TokenMemory();
  readonly #judgePossession: PossessionCheck;
  #configs: readonly IdentityProviderConfig[] = [];
  /** Weakly: a provider lives as long as routes trust it, and routes of an old configuration as long as it is served. */
  #providers: readonly WeakRef<Provider>[] = [];

  constructor(ports: TokenPorts) {
    this.#ports = ports;
    this.#judgePossession = possessionCheck(ports);
    ports.news.subscribe('provider', (news) => {
      for (const provider of this.#living()) if (provider.config.id === news.id) provider.hear(news);
    });
  }

  /**
   * Tokens as credentials (RFC 6750 §2.1, RFC 9449 §7.1) on a route: signed ones of these providers, and opaque ones that
   * they can be asked about. Tokens in the query or in a form are not looked for: they end up in logs.
   */
  scheme(configs: readonly IdentityProviderConfig[]): TokenScheme {
    const providers = configs.map((config) => this.#provider(config));
    const route = { providers, takesBearer: takesBearer(configs) };
    return {
      challenges: challengesOf(configs),
      recall: (exchange) => this.#recall(exchange, providers),
      authenticate: (exchange) => this.#authenticate(exchange, route),
    };
  }

  /** Verifies a token by which a provider of the configuration says that sessions are over. */
  async verifyLogoutToken(id: string, token: string): Promise<VerifiedLogout | Refusal> {
    const config = this.#configs.find((one) => one.id === id);
    if (config === undefined) return refusal('issuer');
    return verifyLogoutToken(token, this.#provider(config), this.#ports.clock.epoch());
  }

  /** A configuration is coming into force. If it has not all that the one before had, nothing is remembered of that. */
  use(configs: readonly IdentityProviderConfig[]): void {
    const hasLost = this.#configs.some((old) => !configs.some((one) => isSame(one, old)));
    this.#configs = configs;
    if (hasLost) this.#memory.clear();
  }

  /** The provider of a configuration, made when it is asked for first. A changed configuration is another provider. */
  #provider(config: IdentityProviderConfig): Provider {
    const living = this.#living();
    const known = living.find((provider) => isSame(provider.config, config));
    if (known !== undefined) return known;
    const provider = new Provider(config, this.#ports);
    const news = this.#ports.news.latest('provider', config.id);
    if (news !== null) provider.hear(news);
    this.#providers = [...living, provider].map((one) => new WeakRef(one));
    return provider;
  }

  #living(): Provider[] {
    return this.#providers.flatMap((provider) => provider.deref() ?? []);
  }

  /** Who a token stands for that was verified before, for one of these, and that needs no proof; else null. */
  #recall({ headers }: Exchange, providers: readonly Provider[]): Identity | null {
    const field = headers.get('authorization');
    if (field === undefined) return null;
    const token = this.#memory.find(field, this.#ports.clock);
    if (token === null || token.confirmation !== null || !providers.includes(token.provider)) return null;
    return token.identity;
  }

  /** Judges the token of a request, if it brings one. */
  async #authenticate(
    exchange: Exchange,
    { providers, takesBearer: bearer }: TokenRoute,
  ): Promise<Authentication> {
    const field = exchange.headers.getList('authorization');
    const credential = readCredential(field);
    if (credential.kind === 'none') return ANONYMOUS;
    const isBearer = bearer && authSchemeOf(field ?? '') === 'bearer';
    if (credential.kind === 'malformed') return refusal('credentials', isBearer ? 'Bearer' : 'DPoP');
    const verdict = await this.#verify(credential, providers);
    if (verdict.kind === 'refused') return inScheme(verdict, isBearer ? 'Bearer' : 'DPoP');
    const { identity, confirmation, provider } = verdict;
    if (confirmation === null && credential.scheme === 'Bearer')
      return { kind: 'identified', identity, cookies: NO_COOKIES };
    const possession = await this.#judgePossession(exchange, { ...credential, confirmation, provider });
    if (possession.kind === 'refused') return possession;
    return { kind: 'identified', identity, cookies: NO_COOKIES, nonce: possession.nonce };
  }

  async #verify(
    { token }: TokenCredential,
    providers: readonly Provider[],
  ): Promise<VerifiedToken | Refusal> {
    const known = this.#memory.findToken(token, this.#ports.clock);
    if (known !== null && providers.includes(known.provider)) return known;
    const verdict = isJose(token)
      ? await verifySigned(token, providers, this.#ports.clock)
      : await introspect(token, providers, this.#ports);
    if (verdict.kind === 'verified') this.#memory.keep(verdict);
    return verdict;
  }
}

/** What tokens of a route are judged by. */
interface TokenRoute {
  readonly providers: readonly Provider[];
  /** Whether a token may come without a proof. */
  readonly takesBearer: boolean;
}

const ANONYMOUS: Authentication = { kind: 'anonymous' };
const NO_COOKIES: readonly string[] = Object.freeze([]);
const OPEN_BRACE = 0x7b;

/**
 * Whether it is a JWS or a JWE: three or five parts, of which the first begins with the brace of a JSON object. Anything
 * else only its provider can read, whatever it looks like.
 */
function isJose(token: string): boolean {
  const parts = token.split('.', 6).length;
  return (parts === 3 || parts === 5) && Buffer.from(token.slice(0, 2), 'base64url')[0] === OPEN_BRACE;
}

/** Wherever it stands in its file. */
function isSame(one: IdentityProviderConfig, other: IdentityProviderConfig): boolean {
  return isDeepStrictEqual({ ...one, origin: null }, { ...other, origin: null });
}
