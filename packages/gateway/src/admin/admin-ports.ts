import type { Issue } from '@turnpike/config';
import type { LogChange } from '../observe/log-change.ts';
import type { LogLevel } from '../observe/process-log.ts';
import type { InstanceRegistry } from '../upstream/discover/instance-registry.ts';
import type { AlertPort } from './alert-port.ts';
import type { CachePort } from './cache-port.ts';
import type { LimitPort } from './limit-port.ts';
import type { LivePort } from './live-port.ts';

/** What `GET /readyz` says. */
export interface Readiness {
  readonly isReady: boolean;
  /** Why it is not; empty when it is. */
  readonly reasons: readonly string[];
}

/** What became of `POST /reload`. */
export type ReloadAnswer =
  | { readonly kind: 'applied'; readonly revision: number }
  | { readonly kind: 'unchanged'; readonly revision: number }
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopping' };

/** What became of `POST /threads/{n}/restart`. */
export type RestartAnswer =
  | { readonly kind: 'restarted'; readonly replacedBy: number }
  | { readonly kind: 'killed' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'stopping' };

/** What the admin API can ask the supervisor for. What is `unknown` is plain JSON that only people read. */
export interface AdminPorts {
  readiness(): Readiness;
  status(): object;
  /** The exposition in the format that is wanted most by this `Accept`, or `null` when it is switched off. */
  metrics(accept: string): { readonly contentType: string; readonly body: string | Uint8Array } | null;
  /** The configuration in use, without secrets; `null` if nobody knows which of it is secret. */
  config(): unknown;
  /** What services have to do and how they are, where something guards them. */
  services(): unknown;
  endpoints(): unknown;
  /** Every certificate that a listener shows. */
  certificates(): unknown;
  /** How the discovery of each service does. */
  discovery(): unknown;
  /** Where each alert stands, and who does not want to hear of it. */
  readonly alerts: AlertPort;
  /** Instances that register themselves. */
  readonly registry: Pick<
    InstanceRegistry,
    'register' | 'find' | 'heartbeat' | 'deregister' | 'drain' | 'list'
  >;
  /** What is kept of responses. */
  readonly cache: CachePort;
  /** How much each key may use, and has used. */
  readonly limits: LimitPort;
  /** Requests as they end. */
  readonly live: LivePort;
  /** How much of the program is told in its log. */
  readonly logs: {
    readonly levels: {
      readonly level: LogLevel;
      readonly components: Readonly<Record<string, LogLevel | null>>;
    };
    change(change: LogChange): void;
  };
  /** The OpenAPI document of a gRPC service that is transcoded; null: nothing is known of its methods. */
  openApi(service: string): Promise<object | null>;
  /** Public keys (RFC 7517 §5). */
  jwks(): object;
  reload(): Promise<ReloadAnswer>;
  restart(thread: number, how: 'graceful' | 'kill'): Promise<RestartAnswer>;
}
