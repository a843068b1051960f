import type { AddressBlock, Origin } from './places.ts';
import type { PolicyMode } from './policies.ts';

/** A named list of addresses. */
export type AddressListConfig = { readonly id: string; readonly origin: Origin } & (
  | { readonly kind: 'addresses'; readonly addresses: readonly AddressBlock[] }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly refreshMs: number }
);

/** Who may come, by address; deny wins. */
export interface IpAccessConfig {
  readonly mode: PolicyMode;
  /** `null`: everybody who is not denied. */
  readonly allow: AddressRuleConfig | null;
  readonly deny: AddressRuleConfig;
}

/** Addresses, in place and by the names of lists. */
export interface AddressRuleConfig {
  readonly blocks: readonly AddressBlock[];
  readonly lists: readonly string[];
}

/** Who is calling. */
export interface AuthenticateConfig {
  readonly mode: PolicyMode;
  /** Ids of identity providers. */
  readonly providers: readonly string[];
  /** Whether consumers are known here. */
  readonly consumers: boolean;
  /** Whether callers without credentials pass. Wrong ones never do. */
  readonly optional: boolean;
  /** Where API keys are looked for, in this order. */
  readonly apiKeyFrom: readonly CredentialSource[];
  /** Which credentials the service gets to see: none, tokens only, or all. */
  readonly forwardCredentials: 'none' | 'tokens' | 'all';
}

/** Where in a request something is; names of headers are in lower case. */
export interface CredentialSource {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
}

/** What callers may do; all that is given must hold. */
export interface AuthorizeConfig {
  readonly mode: PolicyMode;
  /** All of them. */
  readonly scopes: readonly string[];
  /** One of them; empty: not asked. */
  readonly anyScope: readonly string[];
  readonly claims: readonly ClaimRuleConfig[];
  /** An expression in CEL, or null. */
  readonly rule: string | null;
  readonly external: ExternalAuthorizationConfig | null;
}

/** A claim, by its path from the top, that must be one of these values or, if it is a list, hold one of them. */
export interface ClaimRuleConfig {
  readonly path: readonly string[];
  /** A text may have templates: `{header.x-tenant}`, `{path.id}`, `{query.q}`, `{method}`, `{host}`. */
  readonly values: readonly (string | number | boolean)[];
}

/** A service that decides, in the contract of Envoy's external authorisation. */
export interface ExternalAuthorizationConfig {
  readonly protocol: 'http' | 'grpc';
  /** `http://` or `https://`, with a path in front of the request's own; for gRPC without one. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly onFailure: 'deny' | 'allow';
  /** How long a decision is remembered; 0: not at all. */
  readonly cacheMs: number;
  /** Request headers that it gets, in lower case, beside `authorization` and `cookie`. */
  readonly requestHeaders: readonly string[];
  /** Headers of its answer that the service gets, when it allows. */
  readonly upstreamHeaders: readonly string[];
  /** Headers of its answer that the client gets, when it denies. */
  readonly clientHeaders: readonly string[];
}

/** As whom we call the service. */
export interface UpstreamCredentialsConfig {
  readonly mode: PolicyMode;
  readonly grant: 'client-credentials' | 'token-exchange';
  /** Id of an identity provider. */
  readonly provider: string;
  readonly scopes: readonly string[];
  readonly audience: string | null;
}
