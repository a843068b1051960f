/**
 * What a valid configuration means: every default filled in, every unit converted, deeply frozen.
 *
 * Plain JSON on purpose: it crosses to the data threads by structured clone and is kept on disk as the last
 * known good. Sections are lists with an `id`, not objects keyed by name, so that order survives and a route
 * called `__proto__` is only a route.
 */
export interface GatewayConfig {
  readonly listeners: readonly ListenerConfig[];
  readonly services: readonly ServiceConfig[];
  readonly routes: readonly RouteConfig[];
  /** `null`: no admin API. */
  readonly admin: AdminConfig | null;
  readonly telemetry: TelemetryConfig;
  readonly runtime: RuntimeConfig;
}

/** Where in the configuration something was written; line and column count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An address to listen on. */
export interface SocketAddress {
  /** A name or an address without brackets; `''` is every address of both families. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** A block of addresses; a single address has the full prefix length (32 or 128). */
export interface AddressBlock {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** One door: an address, and what may come through it. */
export interface ListenerConfig {
  readonly id: string;
  readonly address: SocketAddress;
  /** Whose `X-Forwarded-*` and `Forwarded` is believed. */
  readonly trustedProxies: readonly AddressBlock[];
  readonly proxyProtocol: boolean;
  readonly limits: ListenerLimits;
  readonly origin: Origin;
}

/** What one connection or one request may cost us. */
export interface ListenerLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly targetBytes: number;
  readonly bodyBytes: number;
  readonly headerTimeoutMs: number;
  /** The longest silence between two pieces of a body. */
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly requestsPerConnection: number;
  readonly connections: number;
  readonly connectionsPerClient: number;
}

/** What requests are sent to. */
export interface ServiceConfig {
  readonly id: string;
  readonly endpoints: readonly EndpointConfig[];
  readonly balancer: Balancer;
  readonly connections: {
    readonly perEndpoint: number;
    readonly idleTimeoutMs: number;
    readonly http2: 'auto' | 'never';
  };
  readonly timeouts: {
    readonly connectMs: number;
    /** Until the response head. */
    readonly requestMs: number;
    /** The longest silence between two pieces of a body. */
    readonly idleMs: number;
  };
  readonly origin: Origin;
}

/** How an endpoint is chosen. */
export type Balancer = 'adaptive' | 'round-robin' | 'least-request' | 'random';

/** One address of a service. */
export interface EndpointConfig {
  /** Normalised, with the port written out: `http://127.0.0.1:80`. */
  readonly url: string;
  readonly protocol: 'http';
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** 0: drained, gets nothing new. */
  readonly weight: number;
  readonly zone: string | null;
}

/** Which requests, where to, and under which policies. */
export interface RouteConfig {
  readonly id: string;
  readonly match: MatchConfig;
  readonly target: TargetConfig;
  readonly rewrite: RewriteConfig | null;
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
  | { readonly kind: 'redirect'; readonly to: string; readonly status: RedirectStatus }
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly body: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
    };

/** The statuses that a redirect may have. */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

/** How the request's target and authority change on the way to the service. */
export interface RewriteConfig {
  /** A template: `{name}` stands for a parameter of the path pattern. */
  readonly path: string | null;
  readonly stripPrefix: string | null;
  readonly host: string | null;
}

/** The policies of one route, with the defaults already merged in. */
export interface PoliciesConfig {
  /** `null`: the listener's limit. */
  readonly bodyBytes: number | null;
  /** The whole exchange. `null`: no limit but the service's own. */
  readonly timeoutMs: number | null;
  /** By status, as decimal text: what a client gets instead of our problem document. */
  readonly errors: Readonly<Record<string, ErrorBodyConfig>>;
}

/** A body that replaces an error response. */
export interface ErrorBodyConfig {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

/** The admin API. Holds secrets. */
export interface AdminConfig {
  readonly address: SocketAddress;
  readonly tokens: readonly { readonly token: string; readonly role: AdminRole }[];
  readonly origin: Origin;
}

/** What a caller of the admin API may do. */
export type AdminRole = 'viewer' | 'editor' | 'admin';

/** What is told about requests, and where. */
export interface TelemetryConfig {
  /** `null`: no access log. */
  readonly accessLog: { readonly format: 'json'; readonly to: LogDestination } | null;
  readonly metrics: { readonly prometheus: boolean };
}

/** Where a log goes; the path is absolute. */
export type LogDestination =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'stderr' }
  | { readonly kind: 'file'; readonly path: string };

/** How the process runs. */
export interface RuntimeConfig {
  /** 0: one per core. */
  readonly threads: number;
  readonly drainTimeoutMs: number;
  /** Absolute; where the last known good snapshot is kept. */
  readonly stateDirectory: string;
}
