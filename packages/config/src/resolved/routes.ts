import type { LoginStep } from './identity.ts';
import type { McpConfig, ProtectedResourceConfig } from './mcp.ts';
import type { Origin } from './places.ts';
import type { PoliciesConfig } from './policies.ts';
import type { StickyConfig } from './services.ts';
import type { TranslateConfig } from './translate.ts';

/** Which requests, where to, and under which policies. */
export interface RouteConfig {
  readonly id: string;
  readonly match: MatchConfig;
  readonly target: TargetConfig;
  readonly rewrite: RewriteConfig | null;
  /** Null: the service speaks as the caller does. */
  readonly translate: TranslateConfig | null;
  /** Protocols that a request may switch to. */
  readonly upgrade: readonly 'websocket'[];
  readonly policies: PoliciesConfig;
  /** Of the route's key. */
  readonly origin: Origin;
}

/** What a request must look like; an empty list is "any". All that are given must hold. */
export interface MatchConfig {
  /** `/a/{name}/*`: literals, whole-segment parameters, and a trailing wildcard that captures `rest`. */
  readonly path: string;
  readonly listeners: readonly string[];
  /** Lower case; exact, `*.suffix` or `*`. */
  readonly hosts: readonly string[];
  readonly methods: readonly string[];
  /** Names are in lower case. */
  readonly headers: readonly ValueMatch[];
  /** Names are as written. */
  readonly query: readonly ValueMatch[];
}

/** What a header or a query parameter must be. */
export interface ValueMatch {
  readonly name: string;
  readonly kind: 'exact' | 'regex' | 'present';
  /** The text, the expression without its slashes, or `''` for `present`. */
  readonly value: string;
}

/** Where a route ends: exactly one of them. */
export type TargetConfig =
  | { readonly kind: 'service'; readonly service: string }
  | SplitConfig
  | { readonly kind: 'redirect'; readonly to: string; readonly status: RedirectStatus }
  /** Of a route that `login` of an identity provider adds. */
  | { readonly kind: 'login'; readonly provider: string; readonly step: LoginStep }
  /** Of the route that `forwardIdentity: jwt` adds: the keys with which services verify. */
  | { readonly kind: 'published-keys' }
  | McpConfig
  /** Of the route that `mcp` adds where callers prove who they are. */
  | ProtectedResourceConfig
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly body: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
    };

/** Several services share the requests of a route. */
export interface SplitConfig {
  readonly kind: 'split';
  /** Two at least. */
  readonly sides: readonly { readonly service: string; readonly weight: number }[];
  /** Keeps a caller on its side; null: every request is on its own. */
  readonly sticky: StickyConfig | null;
  /** A header, in lower case, with which trusted callers name a side. */
  readonly override: string | null;
}

/** The statuses that a redirect may have. */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

/** How the request's target and authority change on the way to the service. */
export interface RewriteConfig {
  /** A template: `{name}` stands for a parameter of the path pattern. */
  readonly path: string | null;
  readonly stripPrefix: string | null;
  readonly host: string | null;
}
