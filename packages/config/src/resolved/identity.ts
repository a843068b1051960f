import type { Origin } from './places.ts';

/** Who vouches for callers: an OpenID Connect issuer, or a set of keys. Holds secrets. */
export interface IdentityProviderConfig {
  readonly id: string;
  /** Compared exactly with `iss`. */
  readonly issuer: string;
  /** Where its keys are found. */
  readonly keys:
    | { readonly kind: 'discovery' }
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'file'; readonly path: string };
  /** A token must be for one of them; empty: any. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly JwsAlgorithm[];
  /** `at+jwt`: only access tokens of RFC 9068. */
  readonly tokenType: 'any' | 'at+jwt';
  readonly clockToleranceMs: number;
  /** `required`: every token must be bound to a key (RFC 9449) that the caller proves to have. */
  readonly dpop: 'optional' | 'required';
  /** That proofs must have; null: none. */
  readonly dpopNonce: DpopNonceConfig | null;
  /** What becomes of proofs while the store does not answer that gateways share. */
  readonly dpopWhenStoreFails: 'deny' | 'local';
  /** How long keys are good; they are refreshed in the background before. */
  readonly keyLifetimeMs: number;
  /** How long keys are used after that, while the provider cannot be reached. */
  readonly staleKeysMs: number;
  /** For opaque tokens (RFC 7662). `endpoint` null: by discovery. */
  readonly introspection:
    | (OAuthClientConfig & { readonly endpoint: string | null; readonly cacheMs: number })
    | null;
  /** As whom `upstreamCredentials` asks for tokens. `endpoint` null: by discovery. */
  readonly client: (OAuthClientConfig & { readonly endpoint: string | null }) | null;
  readonly login: LoginConfig | null;
  readonly origin: Origin;
}

/** Nonces that we give out (RFC 9449 §9). Holds a secret. */
export interface DpopNonceConfig {
  readonly secret: string;
  readonly lifetimeMs: number;
}

/** Signatures that a token may have (RFC 7518 §3.1, RFC 8037, RFC 9864). None is symmetric. */
export type JwsAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA';

/** What we are to a provider (RFC 6749 §2). */
export interface OAuthClientConfig {
  readonly clientId: string;
  readonly authentication:
    | { readonly kind: 'basic' | 'post'; readonly secret: string }
    /** `private_key_jwt` (RFC 7523); the key is a PEM text. */
    | {
        readonly kind: 'private-key';
        readonly key: string;
        /** Null: no `kid` is sent. */
        readonly keyId: string | null;
      };
}

/** Login of browsers: authorization code with PKCE, and a session in an encrypted cookie. */
export interface LoginConfig extends OAuthClientConfig {
  readonly scopes: readonly string[];
  /** Where browsers come back to; the path of a route that this adds. */
  readonly callbackPath: string;
  readonly logoutPath: string;
  /** For OpenID Connect Back-Channel Logout; `null`: not offered. */
  readonly backchannelLogoutPath: string | null;
  /** Path on our side where browsers go after a logout. */
  readonly afterLogout: string;
  /** Scheme, host and port under which browsers see us; `null`: as the request says. */
  readonly publicOrigin: string | null;
  readonly session: {
    readonly cookie: string;
    /** The first encrypts; all decrypt. */
    readonly secrets: readonly string[];
    readonly lifetimeMs: number;
    /** A session that is not used for so long is over. */
    readonly idleMs: number;
  };
}

/** A caller that we keep credentials for. Holds secrets. */
export interface ConsumerConfig {
  readonly id: string;
  /** In plain text or as `sha256:HEX`. */
  readonly keys: readonly { readonly key: string; readonly expiresAtMs: number | null }[];
  /** Each entry is one certificate or a family of them; all that an entry gives must hold. */
  readonly certificates: readonly ClientCertificateConfig[];
  /** `password`: in plain text, or a PHC string of scrypt or argon2id. */
  readonly basic: readonly { readonly username: string; readonly password: string }[];
  readonly scopes: readonly string[];
  /** What it subscribed to; for limits, and `''` without one. */
  readonly plan: string;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  readonly origin: Origin;
}

/** Which client certificates are meant; at least one of them is given. */
export interface ClientCertificateConfig {
  /** Distinguished name as RFC 4514 writes it; attributes are compared in order. */
  readonly subject: string | null;
  /** A subject alternative name: `dns:`, `uri:`, `email:` or `ip:` and its value; SPIFFE ids are URIs. */
  readonly san: string | null;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string | null;
}

/** What a browser or a provider wants on a route of the login. */
export type LoginStep = 'callback' | 'logout' | 'backchannel-logout';
