import type {
  GatewayConfig,
  IdentityProviderConfig,
  ListenerConfig,
  ServiceConfig,
  StoresConfig,
  TelemetryConfig,
} from '@turnpike/config';
import type { EndpointEntry } from '../core/endpoint-set.ts';
import type { Errand, News } from '../core/desk.ts';
import type { UpstreamTls } from '../core/upstream-tls.ts';
import type { GuardedService } from '../admission/gates.ts';
import type { ConsumersData } from '../identity/consumers/compile-consumers.ts';
import type { PluginFile } from '../plugins/load-plugin.ts';
import type { LogLevels } from '../observe/log-levels.ts';
import type { LogEntry } from '../observe/process-log.ts';
import type { TracesPlan } from '../observe/traces/tracer.ts';
import type { CacheBuffers } from './cache-areas.ts';
import type { ErrandOutcome } from './desk-line.ts';
import type { PemTexts } from './pem-texts.ts';
import type { SharedMemory } from './shared-memory.ts';

/**
 * A compiled revision in the form in which it crosses to the data threads: the routes, which may be many, in shared memory
 * that all threads read in place; the rest by structured clone.
 */
export interface SnapshotData {
  readonly revision: number;
  readonly listeners: readonly ListenerConfig[];
  readonly services: readonly ServiceSnapshot[];
  /** Where this gateway is. Of the first snapshot; the thread keeps it. */
  readonly zone: string | null;
  readonly identityProviders: readonly IdentityProviderConfig[];
  readonly consumers: ConsumersData;
  readonly stores: StoresConfig;
  /** Whether threads shed when they are overloaded themselves. */
  readonly selfProtection: boolean;
  /** Whether a route has a rule in CEL. */
  readonly hasExpressions: boolean;
  /** Whether a route validates. */
  readonly hasContracts: boolean;
  /** Whether a route speaks GraphQL. */
  readonly hasGraphql: boolean;
  /** What routes have of their own. */
  readonly plugins: readonly PluginFile[];
  /** Texts of OpenAPI documents, schemas and plugins, by path. */
  readonly documents: GatewayConfig['documents'];
  /** Texts of certificates and keys, by path. They hold secrets, and are never saved or shown. */
  readonly pems: PemTexts;
  /** A table of `compileRoutes`; the payload of each route is its `RouteConfig` as JSON. */
  readonly routes: SharedArrayBuffer;
  readonly unrouted: GatewayConfig['unrouted'];
  readonly accessLog: TelemetryConfig['accessLog'];
  /** Null: nothing is traced. */
  readonly traces: TracesPlan | null;
  /** With which tokens for decision traces are signed; null: nobody gets any. */
  readonly debugSecret: string | null;
  /** Where responses are kept. */
  readonly caches: CacheBuffers;
}

/** A service with the endpoints that are written in it; null: they are discovered, and come in news. */
export interface ServiceSnapshot extends ServiceConfig, GuardedService {
  /** `tls` with the texts of its files. */
  readonly upstreamTls: UpstreamTls;
  readonly members: readonly EndpointEntry[] | null;
}

/** What a data thread begins with (`workerData`). */
export interface ThreadStart {
  /** Number of the thread, from 0; a replacement takes the number of the one it replaces. */
  readonly thread: number;
  readonly shared: SharedMemory;
  /** `metricsBuffer`; outlives the thread. */
  readonly metrics: SharedArrayBuffer;
  readonly snapshot: SnapshotData;
  /** Everything that the supervisor has learned. */
  readonly news: readonly News[];
  /** Of the program log, at that moment. */
  readonly logLevels: LogLevels;
}

/** What the supervisor tells a data thread. */
export type ToThread =
  | { readonly kind: 'apply'; readonly snapshot: SnapshotData }
  /** Stop listening, end connections with their next reply, finish what is under way within that time; answered by 'drained'. */
  | { readonly kind: 'close'; readonly drainMs: number }
  /** Log files were rotated; answered by 'logsReopened'. */
  | { readonly kind: 'reopenLogs' }
  | { readonly kind: 'logLevels'; readonly levels: LogLevels }
  /** Are you there? Answered by 'pong'. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'news'; readonly news: News }
  | { readonly kind: 'answer'; readonly errand: number; readonly outcome: ErrandOutcome };

/** What a data thread tells the supervisor. */
export type FromThread =
  /** All listeners of the snapshot are open; ports in the order of `snapshot.listeners`. */
  | { readonly kind: 'ready'; readonly revision: number; readonly ports: readonly number[] }
  | { readonly kind: 'applied'; readonly revision: number; readonly ports: readonly number[] }
  /** The snapshot could not be applied (a listener's address is taken): the old one serves on. */
  | { readonly kind: 'applyFailed'; readonly revision: number; readonly message: string }
  /** Nothing is under way any more. */
  | { readonly kind: 'drained' }
  | { readonly kind: 'pong' }
  /** In the order of the questions. If it is not whole, a log goes on with its old file. */
  | { readonly kind: 'logsReopened'; readonly isWhole: boolean }
  /** Wants something done; answered by 'answer' with the same number. */
  | { readonly kind: 'errand'; readonly number: number; readonly errand: Errand }
  | { readonly kind: 'log'; readonly entry: LogEntry };
