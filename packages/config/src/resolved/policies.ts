import type {
  AuthenticateConfig,
  AuthorizeConfig,
  IpAccessConfig,
  UpstreamCredentialsConfig,
} from './access.ts';
import type { CorsConfig, SecurityHeadersConfig } from './browsers.ts';
import type { CacheConfig } from './cache.ts';
import type { ConcurrencyConfig, PriorityConfig, RateLimitConfig } from './limits.ts';
import type { CompressConfig, TransformConfig } from './messages.ts';
import type { PluginConfig } from './plugins.ts';
import type { FallbackConfig, FaultConfig, HedgeConfig, MirrorConfig, RetryConfig } from './resilience.ts';
import type { EventStreamConfig, WebsocketConfig } from './streams.ts';
import type { GraphqlConfig, ValidateConfig } from './validate.ts';

/** Whether a policy acts: in report mode it changes nothing and counts what it would have done. */
export type PolicyMode = 'on' | 'report';

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

/** A body that replaces an error response. */
export interface ErrorBodyConfig {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}
