import type { AccessLogConfig, ProgramLogConfig } from './resolved-access-log.ts';
import type { AlertConfig } from './resolved-alerts.ts';
import type { CacheConfig } from './resolved-cache.ts';
import type { CompressConfig, TransformConfig } from './resolved-messages.ts';
import type { McpConfig, ProtectedResourceConfig } from './resolved-mcp.ts';
import type { PluginConfig } from './resolved-plugins.ts';

/**
 * What a valid configuration means: every default filled in, every unit converted, deeply frozen.
 *
 * Plain JSON on purpose: it crosses to the data threads by structured clone and is kept on disk as the last
 * known good. Sections are lists with an `id`, not objects keyed by name, so that order survives and a route
 * called `__proto__` is only a route.
 */
export interface GatewayConfig {
  readonly listeners: readonly ListenerConfig[];
  /** In order of names. */
  readonly certificates: readonly NamedCertificateConfig[];
  readonly services: readonly ServiceConfig[];
  readonly identityProviders: readonly IdentityProviderConfig[];
  readonly consumers: readonly ConsumerConfig[];
  readonly lists: readonly AddressListConfig[];
  readonly stores: StoresConfig;
  /**
   * Texts of the files that policies name, by absolute path: OpenAPI documents, schemas and plugins. Descriptor sets of services too, in
   * base64; those that were compiled from sources by their place in the configuration.
   */
  readonly documents: Readonly<Record<string, string>>;
  /** Those that were written, and those that `login` of an identity provider adds. */
  readonly routes: readonly RouteConfig[];
  readonly unrouted: UnroutedConfig;
  /** `null`: no admin API. */
  readonly admin: AdminConfig | null;
  readonly telemetry: TelemetryConfig;
  readonly runtime: RuntimeConfig;
}

/** What holds for our own replies to requests that no route takes: of the defaults. */
export type UnroutedConfig = Pick<PoliciesConfig, 'securityHeaders'>;

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
  /** Whether HTTP/2 is spoken besides HTTP/1.1. */
  readonly http2: boolean;
  /** Whether `Client-Cert` (RFC 9440) of trusted proxies is believed; others never are. */
  readonly forwardedClientCert: boolean;
  /** Null: plain HTTP. */
  readonly tls: ListenerTlsConfig | null;
  readonly limits: ListenerLimits;
  readonly origin: Origin;
}

/** How a listener speaks TLS. */
export interface ListenerTlsConfig {
  /** Its own; the first of all that it shows is for names that no other has. */
  readonly certificates: readonly ListenerCertificateConfig[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Null: nobody is asked for one. */
  readonly clientCertificates: {
    readonly authorities: PemFile;
    /** Lists of what was revoked; null: nobody looks. */
    readonly revocations: PemFile | null;
    readonly required: boolean;
    /** Whether services are told. */
    readonly forward: boolean;
  } | null;
}

/** A certificate of a listener: in files, or fetched. */
export type ListenerCertificateConfig =
  | ({
      readonly kind: 'files';
      /** Host names on it, in lower case. */
      readonly names: readonly string[];
    } & KeyPairFiles)
  | AcmeCertificateConfig;

/** A certificate that stands beside the listeners, with its key. */
export interface NamedCertificateConfig {
  readonly id: string;
  /** Null: all that speak TLS. */
  readonly listeners: readonly string[] | null;
  /** In PEM, with those that lead to its authority. */
  readonly certificate: string;
  /** In PEM; a secret. */
  readonly key: string;
  /** Host names on it, in lower case. */
  readonly names: readonly string[];
  /** When the first of its chain ends, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  readonly origin: Origin;
}

/** A certificate that is fetched by ACME (RFC 8555). */
export interface AcmeCertificateConfig {
  readonly kind: 'acme';
  /** At least one, in lower case. */
  readonly domains: readonly string[];
  readonly email: string | null;
  /** An https URL. */
  readonly directory: string;
  readonly storage: AcmeStorageConfig;
  readonly challenge: 'http-01' | 'tls-alpn-01';
  readonly eab: { readonly keyId: string; readonly hmacKey: string } | null;
  /** Null: those that Node.js knows. */
  readonly authorities: PemFile | null;
}

/** Where accounts and certificates of ACME are kept; `path` is absolute. */
export type AcmeStorageConfig =
  | { readonly kind: 'state' }
  | { readonly kind: 'redis' }
  | { readonly kind: 'database' }
  | { readonly kind: 'folder'; readonly path: string };

/** A file that is read when the configuration is taken into use: its text is no part of the configuration. */
export interface PemFile {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of what was in it at that time, or `''`: another content is another configuration. */
  readonly digest: string;
}

/** A certificate and its key, which is another whenever the certificate is. */
export interface KeyPairFiles {
  readonly certificate: PemFile;
  /** Absolute path of a secret. */
  readonly keyFile: string;
}

/** How endpoints of a service are spoken to over TLS. */
export interface ServiceTlsConfig {
  /** Null: those that Node.js knows. */
  readonly authorities: PemFile | null;
  /** Null: the host of the endpoint. */
  readonly serverName: string | null;
  /** Null: we prove nothing. */
  readonly keyPair: KeyPairFiles | null;
  /** SHA-256 of public keys in base64; empty: any. */
  readonly pins: readonly string[];
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
  readonly http2: { readonly maxConcurrentStreams: number };
  readonly connections: number;
  readonly connectionsPerClient: number;
}

/** What requests are sent to. */
export interface ServiceConfig {
  readonly id: string;
  /** Written in place; empty with `discovery`. */
  readonly endpoints: readonly EndpointConfig[];
  readonly discovery: DiscoveryConfig | null;
  readonly balancer: Balancer;
  /** How long a new or healed endpoint gets less than its share; 0: not at all. */
  readonly slowStartMs: number;
  /** With less than this percentage of the weight healthy, health is ignored; 0: never. */
  readonly panicThreshold: number;
  /** How many endpoints this gateway uses at most; null: all of them. */
  readonly subset: number | 'auto' | null;
  /** Active checks. */
  readonly health: HealthCheckConfig | null;
  /** Passive checks; null: off. */
  readonly outlierDetection: OutlierDetectionConfig | null;
  readonly circuitBreaker: CircuitBreakerConfig | null;
  readonly connections: {
    readonly perEndpoint: number;
    readonly idleTimeoutMs: number;
    readonly http2: 'auto' | 'never' | 'always';
  };
  readonly timeouts: {
    readonly connectMs: number;
    /** Until the response head. */
    readonly requestMs: number;
    /** The longest silence between two pieces of a body. */
    readonly idleMs: number;
  };
  readonly concurrency: ServiceConcurrency;
  /** For endpoints with https://, and for all that are discovered; null: the defaults, and discovered ones have no TLS. */
  readonly tls: ServiceTlsConfig | null;
  /** Where descriptors of its gRPC services come from; null: nothing is said of them. */
  readonly grpc: GrpcConfig | null;
  readonly origin: Origin;
}

/** Where descriptors of gRPC services come from. */
export type GrpcConfig =
  /** A key of `documents`, whose text is a FileDescriptorSet in base64. */
  | { readonly kind: 'descriptors'; readonly document: string }
  /** The service itself is asked. */
  | { readonly kind: 'reflection'; readonly refreshMs: number };

/** How an endpoint is chosen. */
export type Balancer =
  | { readonly kind: 'adaptive' | 'round-robin' | 'least-request' | 'random' }
  /** By the first of these that a request has; an endpoint gets at most `boundedLoad` times its fair share at once. */
  | { readonly kind: 'hash'; readonly by: readonly HashKeyConfig[]; readonly boundedLoad: number }
  /** A caller stays with its endpoint by a signed cookie. Holds a secret. */
  | StickyConfig;

/** A caller stays where it was. Holds a secret. */
export interface StickyConfig {
  readonly kind: 'sticky';
  readonly cookie: string;
  /** Null: one of our own, in `runtime.stateDirectory`. */
  readonly secret: string | null;
  /** 0: until the browser is closed. */
  readonly lifetimeMs: number;
}

/** What of a request is hashed. */
export type HashKeyConfig =
  | { readonly kind: 'ip' | 'identity' | 'path' }
  | { readonly kind: 'header' | 'cookie' | 'query'; readonly name: string };

/** Where endpoints come from when they are not written in place. Holds secrets. */
export type DiscoveryConfig =
  /** A and AAAA records. `resolvers` are `host:port`; empty: those of the system. */
  | {
      readonly kind: 'dns';
      readonly name: string;
      readonly port: number;
      readonly resolvers: readonly string[];
    }
  | { readonly kind: 'srv'; readonly name: string; readonly resolvers: readonly string[] }
  /** YAML or JSON; an absolute path. */
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'etcd';
      readonly urls: readonly string[];
      readonly prefix: string;
      readonly username: string | null;
      readonly password: string | null;
    }
  | {
      readonly kind: 'consul';
      readonly urls: readonly string[];
      readonly service: string;
      /** All of them. */
      readonly tags: readonly string[];
      readonly datacenter: string | null;
      readonly token: string | null;
    }
  | {
      readonly kind: 'kubernetes';
      /** Null: the cluster that we run in. */
      readonly url: string | null;
      readonly namespace: string;
      readonly service: string;
      /** By name or number; null: the only one. */
      readonly port: string | number | null;
      /** Absolute paths; null: those of the pod. */
      readonly tokenFile: string | null;
      readonly authorities: string | null;
    }
  /** Instances that register themselves on the admin API. */
  | { readonly kind: 'registry'; readonly name: string };

/** Asks endpoints how they are. */
export interface HealthCheckConfig {
  readonly probe:
    | {
        readonly kind: 'http';
        readonly method: 'GET' | 'HEAD';
        readonly path: string;
        /** Null: the endpoint's own. */
        readonly host: string | null;
        /** Both ends included. */
        readonly statuses: readonly { readonly from: number; readonly to: number }[];
      }
    | { readonly kind: 'tcp' }
    /** `grpc.health.v1.Health/Check`. */
    | { readonly kind: 'grpc'; readonly service: string };
  /** Null: the endpoint's own. */
  readonly port: number | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

/** Puts endpoints out that fail real requests. */
export interface OutlierDetectionConfig {
  /** Failures in a row that eject at once. */
  readonly consecutiveFailures: number;
  /** Between two looks at the statistics. */
  readonly intervalMs: number;
  /** Times the number of ejections. */
  readonly ejectMs: number;
  readonly maxEjectMs: number;
  /** Of the endpoints of the service; one may always be ejected, the last one never. */
  readonly maxEjectedPercent: number;
}

/** Stops asking a service that fails as a whole. */
export interface CircuitBreakerConfig {
  /** Percentage of failures that opens it. */
  readonly failureRate: number;
  readonly minimumRequests: number;
  readonly windowMs: number;
  /** The first time; it doubles each time after that, up to `maxOpenMs`. */
  readonly openForMs: number;
  readonly maxOpenMs: number;
}

/** One address of a service. */
export interface EndpointConfig {
  /** Normalised, with the port written out: `http://127.0.0.1:80`. */
  readonly url: string;
  /** `grpc` and `grpcs` are HTTP/2 without and with TLS. */
  readonly protocol: 'http' | 'https' | 'grpc' | 'grpcs';
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** 0: drained, gets nothing new. */
  readonly weight: number;
  readonly zone: string | null;
  /** Those of 0 first; the next when too few of them are healthy. */
  readonly priority: number;
}

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
        /** Null: no `kid` is sent. */ readonly keyId: string | null;
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

/** A named list of addresses. */
export type AddressListConfig = { readonly id: string; readonly origin: Origin } & (
  | { readonly kind: 'addresses'; readonly addresses: readonly AddressBlock[] }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly refreshMs: number }
);

/** Whether a policy acts: in report mode it changes nothing and counts what it would have done. */
export type PolicyMode = 'on' | 'report';

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

/** Between the protocol of callers and that of the service. */
export type TranslateConfig = GrpcTranscodeConfig | GrpcWebConfig | GraphqlOperationConfig | SoapConfig;

/** HTTP and JSON to one operation of a GraphQL service. */
export interface GraphqlOperationConfig {
  readonly kind: 'graphql';
  /** A key of `documents`, whose text is an object of texts by id with this operation in it. */
  readonly document: string;
  /** Null: the only one. */
  readonly id: string | null;
  /** The field of `data` that is the answer; null: all of `data`. */
  readonly field: string | null;
  readonly messageBytes: number;
  /** Names of the parameters of the path. */
  readonly parameters: readonly string[];
}

/** HTTP and JSON to SOAP. */
export interface SoapConfig {
  readonly kind: 'soap';
  readonly version: 'soap1.1' | 'soap1.2';
  /** Of the elements in the body. */
  readonly namespace: string;
  /** The element in the body. */
  readonly operation: string;
  /** `''`: none is named. */
  readonly action: string;
  /** The members that there are, in the order in which the service wants them; empty: any, as they come. */
  readonly members: readonly string[];
  /** Elements that are lists even if there is one. */
  readonly lists: readonly string[];
  /** Of one message, both ways. */
  readonly messageBytes: number;
  /** Names of the parameters of the path. */
  readonly parameters: readonly string[];
}

/** gRPC-Web and Connect to gRPC. */
export interface GrpcWebConfig {
  readonly kind: 'grpc-web';
  readonly unknownFields: 'refuse' | 'ignore';
  readonly emitDefaults: boolean;
  /** Of one message, both ways. */
  readonly messageBytes: number;
  /** Which methods Connect clients may call by GET. */
  readonly connectGet: 'safe' | 'any' | 'none';
  /** Whether unary requests of Connect have to name its version. */
  readonly connectVersion: 'optional' | 'required';
}

/** HTTP and JSON to gRPC. */
export interface GrpcTranscodeConfig {
  readonly kind: 'grpc-transcode';
  readonly unknownQuery: 'refuse' | 'ignore';
  readonly ignoredQuery: readonly string[];
  readonly unknownFields: 'refuse' | 'ignore';
  readonly emitDefaults: boolean;
  /** Of one message, both ways. */
  readonly messageBytes: number;
  readonly streamAs: 'array' | 'ndjson' | 'sse';
  /** Instead of annotations; the last of a selector counts. */
  readonly rules: readonly HttpRulesConfig[];
}

/** How one method is called by HTTP. */
export interface HttpRulesConfig {
  /** `package.Service.Method`. */
  readonly selector: string;
  /** One at least; those after the first are additional bindings. */
  readonly bindings: readonly HttpBindingConfig[];
}

/** One way to call a method by HTTP (`google.api.HttpRule`). */
export interface HttpBindingConfig {
  readonly method: string;
  readonly template: string;
  readonly body: string;
  readonly responseBody: string;
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

/** What a browser or a provider wants on a route of the login. */
export type LoginStep = 'callback' | 'logout' | 'backchannel-logout';

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
  readonly ipAccess: IpAccessConfig | null;
  readonly authenticate: AuthenticateConfig | null;
  readonly authorize: AuthorizeConfig | null;
  readonly upstreamCredentials: UpstreamCredentialsConfig | null;
  /** How the service is told who is calling. */
  readonly forwardIdentity: 'off' | 'headers' | 'jwt';
  /** In the order in which they are written. */
  readonly rateLimit: readonly RateLimitConfig[];
  readonly concurrency: ConcurrencyConfig | null;
  readonly cache: CacheConfig | null;
  readonly transform: TransformConfig | null;
  readonly compress: CompressConfig | null;
  readonly priority: PriorityConfig;
  readonly validate: ValidateConfig | null;
  readonly graphql: GraphqlConfig | null;
  readonly cors: CorsConfig | null;
  readonly securityHeaders: SecurityHeadersConfig | null;
  /** Of the limits of a request that follow. */
  readonly limitsMode: PolicyMode;
  /** `null`: the listener's limit. */
  readonly bodyBytes: number | null;
  /** Of a body after `Content-Encoding` is undone; null: not looked at. */
  readonly decompressedBytes: number | null;
  /** Nesting of a JSON body; null: not looked at. */
  readonly jsonDepth: number | null;
  /** Null: the listener's limit. */
  readonly headerCount: number | null;
  readonly queryCount: number | null;
  /** Of a gRPC call, both ways; null: not looked at. */
  readonly grpcMessageBytes: number | null;
  /** The whole exchange. `null`: no limit but the service's own. */
  readonly timeoutMs: number | null;
  /** A header, in lower case, in which callers say how many milliseconds they wait, and services learn what is left. */
  readonly deadlineHeader: string | null;
  readonly retry: RetryConfig | null;
  readonly hedge: HedgeConfig | null;
  readonly fallback: FallbackConfig | null;
  readonly mirror: MirrorConfig | null;
  readonly fault: FaultConfig | null;
  readonly websocket: WebsocketConfig | null;
  readonly eventStream: EventStreamConfig | null;
  /** Outermost first; empty: none. */
  readonly plugins: readonly PluginConfig[];
  /** By status, as decimal text: what a client gets instead of our problem document. */
  readonly errors: Readonly<Record<string, ErrorBodyConfig>>;
}

/** After what another attempt is made: no connection, an answer that broke off before its head, or a status, maybe of gRPC. */
export type RetryCondition =
  | 'connect-failure'
  | 'reset'
  | 'timeout'
  | 502
  | 503
  | 504
  | 429
  | 500
  | GrpcCondition;

/** Statuses of gRPC after which another attempt may help. */
export type GrpcCondition =
  | 'cancelled'
  | 'deadline-exceeded'
  | 'internal'
  | 'resource-exhausted'
  | 'unavailable';

/** What may go through a WebSocket, and for how long. Null where there is no bound. */
export interface WebsocketConfig {
  /** Normalised. Null: everybody, but for credentials that browsers add by themselves. */
  readonly origins: readonly string[] | null;
  /** Null: any. */
  readonly subprotocols: readonly string[] | null;
  readonly idleTimeoutMs: number | null;
  readonly lifetimeMs: number | null;
  readonly pingMs: number | null;
  readonly maxMessageBytes: number | null;
  readonly messages: { readonly limit: number; readonly perMs: number } | null;
  readonly closeOnExpiry: boolean;
}

/** How a stream of events is kept alive. Null where there is no bound. */
export interface EventStreamConfig {
  readonly heartbeatMs: number | null;
  readonly idleTimeoutMs: number | null;
}

/** Another attempt, at another endpoint. */
export interface RetryConfig {
  readonly mode: PolicyMode;
  /** With the first, 2 at least. */
  readonly attempts: number;
  readonly on: readonly RetryCondition[];
  /** For one attempt; null: what the service allows. Retried like a reset. */
  readonly perTryMs: number | null;
  /** Percentage of the requests of a service that may be retries. */
  readonly budgetPercent: number;
  /** Bodies up to this size are kept for another attempt. */
  readonly bodyBytes: number;
  /** Beside those that are idempotent (RFC 9110 §9.2.2). */
  readonly methods: readonly string[];
}

/** A second attempt while the first is still under way. */
export interface HedgeConfig {
  readonly mode: PolicyMode;
  /** A percentile of what the route took lately, or a time. */
  readonly after:
    | { readonly kind: 'percentile'; readonly percentile: number }
    | { readonly kind: 'time'; readonly ms: number };
  /** Percentage of the requests. */
  readonly budgetPercent: number;
}

/** What answers when the service does not. */
export type FallbackConfig = { readonly mode: PolicyMode } & (
  | { readonly kind: 'service'; readonly service: string }
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly body: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
    }
);

/** Copies of requests, whose answers nobody waits for. */
export interface MirrorConfig {
  readonly mode: PolicyMode;
  readonly service: string;
  readonly percent: number;
  /** Requests with a larger body are not copied. */
  readonly bodyBytes: number;
}

/** Faults on purpose. */
export interface FaultConfig {
  readonly mode: PolicyMode;
  readonly delay: { readonly percent: number; readonly durationMs: number } | null;
  readonly abort: { readonly percent: number; readonly status: number } | null;
}

/** Where counters are shared between gateways. Holds secrets. */
export interface StoresConfig {
  readonly redis: RedisConfig | null;
  readonly cache: CacheStoreConfig;
  /** `null`: everything stands in files. */
  readonly database: DatabaseConfig | null;
}

/** What is steered over the admin API. Holds secrets. */
export interface DatabaseConfig {
  /** `sqlite:` and an absolute path, or `postgres://` with user and password. */
  readonly databaseUrl: string;
  /** The first encrypts, all decrypt. */
  readonly encryptionKeys: readonly string[];
  readonly pollMs: number;
  /** For one answer. */
  readonly timeoutMs: number;
  /** What `${…}` in objects may name: variables, by name or by the beginning of names and `*`, and files below directories. */
  readonly references: { readonly env: readonly string[]; readonly files: readonly string[] };
  /** Directories of files that objects may name. */
  readonly files: readonly string[];
}

/** Where responses are kept that no route keeps apart. */
export interface CacheStoreConfig {
  readonly sizeBytes: number;
}

/** Redis 6.2 or newer, or Valkey. Holds secrets. */
export interface RedisConfig {
  /** One server; several nodes of a cluster; or sentinels, which know the master by `master`. */
  readonly mode: 'single' | 'cluster' | 'sentinel';
  /** `redis://` or `rediss://`, with user and password. */
  readonly urls: readonly string[];
  readonly master: string | null;
  /** Absolute path of a PEM file, for `rediss://`; null: the authorities that Node.js knows. */
  readonly authorities: string | null;
  readonly keyPrefix: string;
  /** For one answer. */
  readonly timeoutMs: number;
}

/** One limit of a route: a bucket for each key. */
export interface RateLimitConfig {
  /** In `RateLimit-Policy`, metrics and problems; unique on the route. */
  readonly name: string;
  readonly mode: PolicyMode;
  /** Requests, or units of cost, in `windowMs`, unless `limitFrom` says otherwise. */
  readonly limit: number;
  readonly windowMs: number;
  /** At once; for a sliding window it is the limit. In proportion where `limitFrom` gives another limit. */
  readonly burst: number;
  /** Where this caller's limit is: by plan, or by an expression in CEL that gives a number. */
  readonly limitFrom:
    | { readonly kind: 'plan'; readonly plans: Readonly<Record<string, number>> }
    | { readonly kind: 'rule'; readonly rule: string }
    | null;
  readonly algorithm: 'gcra' | 'sliding';
  /** What together makes the key; empty: one bucket for all. */
  readonly by: readonly LimitKeyConfig[];
  /** What to do with requests that have no such key. */
  readonly whenKeyMissing: 'skip' | 'deny' | 'shared';
  /** Whether the key needs an identity: then it runs after authentication. */
  readonly stage: 'early' | 'late';
  /** Which routes share the buckets: this one, or all that name the group. */
  readonly group: string | null;
  /** CEL: only requests for which it holds; null: all. */
  readonly when: string | null;
  /** CEL on the request, which may be just a number: what it costs; null: 1. */
  readonly cost: string | null;
  /** CEL on the response: what it really cost, booked afterwards; null: as before. */
  readonly responseCost: string | null;
  /** Share of keys, 0 to 100, for which it acts; the others are reported. */
  readonly percent: number;
  readonly store: 'local' | 'redis';
  readonly whenStoreFails: 'local' | 'allow' | 'deny';
}

/** A part of the key of a limit; names of headers are in lower case. */
export type LimitKeyConfig =
  /** IPv6 by /64. */
  | { readonly kind: 'ip' }
  | { readonly kind: 'header' | 'cookie' | 'query' | 'path' | 'metadata'; readonly name: string }
  | { readonly kind: 'claim'; readonly path: readonly string[] }
  | { readonly kind: 'identity' | 'consumer' | 'plan' | 'route' | 'method' | 'host' }
  | { readonly kind: 'rule'; readonly rule: string };

/** How many requests may be under way at once for each key, in this process. */
export interface ConcurrencyConfig {
  readonly mode: PolicyMode;
  readonly limit: number;
  readonly by: readonly LimitKeyConfig[];
  readonly whenKeyMissing: 'skip' | 'deny' | 'shared';
}

/** Who is shed first under overload: the last. */
export type Priority = 'critical' | 'high' | 'normal' | 'low' | 'bulk';

/** Which priority a request has. */
export interface PriorityConfig {
  readonly level: Priority;
  /** Header in which trusted proxies say another, in lower case; null: none. */
  readonly header: string | null;
  /** By plan of the consumer. */
  readonly plans: Readonly<Record<string, Priority>>;
}

/** How much a service is given to do at once. */
export type ServiceConcurrency =
  | { readonly kind: 'adaptive' }
  | { readonly kind: 'fixed'; readonly limit: number }
  | { readonly kind: 'off' };

/** Is it well formed. Paths are keys of `documents`. */
export interface ValidateConfig {
  readonly mode: PolicyMode;
  readonly source:
    | { readonly kind: 'openapi'; readonly path: string; readonly basePath: string }
    | { readonly kind: 'inline'; readonly schemas: InlineSchemas };
  readonly responses: 'off' | 'report' | 'enforce';
  readonly unknownParameters: 'allow' | 'refuse';
  /** Bodies larger than this are refused, because they have to be collected. */
  readonly bodyBytes: number;
}

/** What GraphQL operations may ask for. Paths are keys of `documents`. */
export interface GraphqlConfig {
  readonly mode: PolicyMode;
  readonly maxDepth: number;
  readonly maxCost: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxDirectives: number;
  readonly maxTokens: number;
  readonly maxBatch: number;
  /** Entries of a list that nothing is said of. */
  readonly listSize: number;
  readonly introspection: boolean;
  readonly schema: string | null;
  /** `only`: all other operations are refused. */
  readonly persisted: { readonly path: string; readonly only: boolean } | null;
  /** Whether clients may register texts by their SHA-256. */
  readonly automatic: boolean;
  readonly bodyBytes: number;
}

/** Schemas in JSON Schema 2020-12, as JSON text; a body may be a path of `documents`. */
export interface InlineSchemas {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly kind: 'text' | 'document'; readonly value: string } | null;
}

/** What browsers of other origins may do (Fetch standard). */
export interface CorsConfig {
  readonly mode: PolicyMode;
  /** Exact, with `*` for one label or more of the host (`https://*.example.com`), or `*`. */
  readonly origins: readonly string[];
  /** Empty: the methods of the route. */
  readonly methods: readonly string[];
  /** `*`: those that are asked for. */
  readonly headers: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeMs: number;
  readonly privateNetwork: boolean;
}

/** Response headers that make browsers careful, by lower-case name; null: not sent. The service's own go first. */
export interface SecurityHeadersConfig {
  readonly mode: PolicyMode;
  readonly headers: Readonly<Record<string, string>>;
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
  readonly tls: AdminTlsConfig | null;
  readonly tokens: readonly AdminTokenConfig[];
  readonly certificates: readonly (ClientCertificateConfig & AdminGrant)[];
  readonly login: AdminLoginConfig | null;
  readonly origin: Origin;
}

/** How the admin API speaks TLS. */
export interface AdminTlsConfig extends KeyPairFiles {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly clientCertificates: {
    readonly authorities: PemFile;
    readonly revocations: PemFile | null;
    readonly required: boolean;
  } | null;
}

/** Who somebody is, and what that may do. */
export interface AdminGrant {
  /** For the audit log. */
  readonly name: string | null;
  /** Everywhere; null: only in workspaces. */
  readonly role: AdminRole | null;
  readonly workspaces: readonly { readonly workspace: string; readonly role: AdminRole }[];
}

/** How people log in. */
export interface AdminLoginConfig {
  readonly provider: string;
  readonly publicOrigin: string | null;
  /** Path of a claim. */
  readonly claim: readonly string[];
  readonly nameClaim: readonly string[];
  readonly roles: AdminRoleClaims;
  readonly workspaces: readonly { readonly workspace: string; readonly roles: AdminRoleClaims }[];
  readonly lifetimeMs: number;
}

/** Values of a claim by the role that they give; `*` is everybody. */
export type AdminRoleClaims = Readonly<Record<AdminRole, readonly string[]>>;

/** A token that the configuration has. */
export interface AdminTokenConfig extends AdminGrant {
  readonly token: string;
}

/** What a caller of the admin API may do. */
export type AdminRole = 'viewer' | 'editor' | 'admin';

/** What is told about requests, and where. */
export interface TelemetryConfig {
  /** Empty: no access log. */
  readonly accessLog: readonly AccessLogConfig[];
  readonly log: ProgramLogConfig;
  readonly metrics: MetricsConfig;
  /** `null`: off, and nobody's trace context is looked at. */
  readonly traces: TracesConfig | null;
  readonly otlp: OtlpConfig;
  /** Who may have traces of decisions; null: nobody. */
  readonly debug: { readonly secret: string } | null;
  readonly alerts: readonly AlertConfig[];
}

/** How metrics come to whoever wants them. */
export interface MetricsConfig {
  /** Whether the admin API has `/metrics`. */
  readonly prometheus: boolean;
  /** Base address of a collector that they are pushed to; null: what the environment says. */
  readonly endpoint: string | null;
  /** null: what the environment says. */
  readonly intervalMs: number | null;
}

/** Of which requests there are spans. */
export interface TracesConfig {
  /** Base address of a collector; null: what the environment says. */
  readonly endpoint: string | null;
  /** From 0 to 1, of the traces that begin here. */
  readonly sample: number;
  /** For each route and data thread; null: no limit. */
  readonly maxPerSecond: number | null;
  /** Told although they were not sampled. */
  readonly always: { readonly errors: boolean; readonly slow: boolean };
  readonly slowMs: number;
  /** Whose trace context is believed. */
  readonly trust: 'proxies' | 'everybody' | 'nobody';
}

/** How telemetry is pushed; null is what the environment says. */
export interface OtlpConfig {
  readonly headers: readonly { readonly name: string; readonly secret: string }[];
  readonly timeoutMs: number | null;
  readonly compression: 'gzip' | 'none' | null;
  readonly authorities: PemFile | null;
  readonly resource: readonly { readonly name: string; readonly value: string }[];
}

/** How the process runs. */
export interface RuntimeConfig {
  /** 0: one per core. */
  readonly threads: number;
  /** Where this gateway is; endpoints there are preferred. */
  readonly zone: string | null;
  readonly drainTimeoutMs: number;
  /** Threads shed when they are overloaded themselves. */
  readonly selfProtection: boolean;
  /** Absolute; where the last known good snapshot is kept. */
  readonly stateDirectory: string;
  /** PEM text of the private key with which `forwardIdentity: jwt` signs; `null`: one of our own in `stateDirectory`. */
  readonly signingKey: string | null;
}
