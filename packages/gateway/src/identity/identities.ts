import type { AuthenticateConfig, IdentityProviderConfig } from '@turnpike/config';
import type { Exchange } from '../core/exchange.ts';
import type { Authentication, Authenticator, Identities, Identity } from '../core/identity.ts';
import { authSchemeOf } from './auth-scheme.ts';
import type { Consumers } from './consumers/consumers.ts';
import { apiKeyScheme } from './credentials-api-key.ts';
import { basicScheme } from './credentials-basic.ts';
import { certificateScheme } from './credentials-certificate.ts';
import type { CarriedScheme, Scheme } from './scheme.ts';

/** Makes the scheme of tokens (`Authorization: Bearer` and `DPoP`) for routes that trust these providers. */
export interface TokenSchemes {
  scheme(providers: readonly IdentityProviderConfig[]): Scheme;
}

/** Makes the scheme of browser sessions for routes that trust these providers, all of which have a login. */
export interface SessionSchemes {
  scheme(providers: readonly IdentityProviderConfig[], config: AuthenticateConfig): Scheme;
}

/** What identities of one snapshot come from. */
export interface IdentityPorts {
  readonly providers: readonly IdentityProviderConfig[];
  readonly tokens: TokenSchemes;
  readonly sessions: SessionSchemes;
  readonly consumers: Consumers;
}

/** Puts together the ways in which callers of a route may prove who they are. One a snapshot. */
export class ThreadIdentities implements Identities {
  readonly #ports: IdentityPorts;
  readonly #providers: ReadonlyMap<string, IdentityProviderConfig>;

  constructor(ports: IdentityPorts) {
    this.#ports = ports;
    this.#providers = new Map(ports.providers.map((provider) => [provider.id, provider]));
  }

  authenticator(config: AuthenticateConfig): Authenticator {
    const { tokens, sessions } = this.#ports;
    const providers = config.providers.map((id) => this.#provider(id));
    const logins = providers.filter(({ login }) => login !== null);
    return new RouteAuthenticator({
      tokens: providers.length === 0 ? null : tokens.scheme(providers),
      ...this.#consumerSchemes(config),
      sessions: logins.length === 0 ? null : sessions.scheme(logins, config),
      sessionCookies: logins.flatMap(({ login }) => (login === null ? [] : [login.session.cookie])),
    });
  }

  #consumerSchemes({ consumers: areKnown, apiKeyFrom }: AuthenticateConfig) {
    const { byKey, byBasic, byCertificate } = this.#ports.consumers;
    return {
      basic: areKnown && byBasic.isUsed ? basicScheme(byBasic) : null,
      keys: areKnown ? apiKeyScheme(apiKeyFrom, byKey) : null,
      isKeyInAuthorization: apiKeyFrom.some((from) => from.in === 'header' && from.name === 'authorization'),
      certificates: areKnown && byCertificate.isUsed ? certificateScheme(byCertificate) : null,
    };
  }

  #provider(id: string): IdentityProviderConfig {
    const provider = this.#providers.get(id);
    if (provider === undefined) throw new Error(`There is no identity provider ${id}`);
    return provider;
  }
}

/** The schemes of a route; null for one that it does not have. */
interface RouteSchemes {
  readonly tokens: Scheme | null;
  readonly basic: Scheme | null;
  readonly keys: CarriedScheme | null;
  readonly isKeyInAuthorization: boolean;
  readonly certificates: CarriedScheme | null;
  readonly sessions: Scheme | null;
  readonly sessionCookies: readonly string[];
}

/**
 * Has each request judged by one scheme: the first for which it carries credentials, in the order of `#schemeOf`. So who
 * sends wrong ones is refused, and never gets in by others, or as nobody where nobody may pass.
 */
class RouteAuthenticator implements Authenticator {
  readonly challenges: readonly string[];
  readonly sessionCookies: readonly string[];
  readonly #schemes: RouteSchemes;

  constructor(schemes: RouteSchemes) {
    const { tokens, basic, keys, certificates, sessions } = schemes;
    const offers = [tokens, basic, keys, certificates, sessions].flatMap(
      (scheme) => scheme?.challenges ?? [],
    );
    this.challenges = offers.length === 0 ? BY_TLS : [...new Set(offers)];
    this.sessionCookies = schemes.sessionCookies;
    this.#schemes = schemes;
  }

  recall(exchange: Exchange): Identity | null {
    return this.#schemeOf(exchange).recall(exchange);
  }

  authenticate(exchange: Exchange): Promise<Authentication> {
    return this.#schemeOf(exchange).authenticate(exchange);
  }

  /**
   * An `Authorization` of which nobody here knows anything is for the service: it is as if it were not there. Sessions come
   * last, because a browser sends their cookies with everything.
   */
  #schemeOf(exchange: Exchange): Scheme {
    const { keys, certificates, sessions } = this.#schemes;
    const authorization = exchange.headers.get('authorization');
    const named = authorization === undefined ? null : this.#schemeNamed(authSchemeOf(authorization));
    if (named !== null) return named;
    if (keys?.isCarried(exchange) === true) return keys;
    if (certificates?.isCarried(exchange) === true) return certificates;
    return sessions ?? NOTHING;
  }

  #schemeNamed(name: string): Scheme | null {
    const { tokens, basic, keys, isKeyInAuthorization } = this.#schemes;
    if (tokens !== null && (name === 'bearer' || name === 'dpop')) return tokens;
    if (basic !== null && name === 'basic') return basic;
    return isKeyInAuthorization ? keys : null;
  }
}

/** A 401 has a challenge (RFC 9110 §15.5.2). This is no registered scheme: HTTP has none for what the TLS handshake asks. */
const BY_TLS = ['ClientCertificate realm="turnpike"'];

/** Where there is nothing to look at. */
const NOTHING: Scheme = {
  challenges: [],
  recall: () => null,
  authenticate: () => Promise.resolve({ kind: 'anonymous' }),
};
