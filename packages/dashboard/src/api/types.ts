// What the admin API says, as far as the dashboard reads it. Written down here and not imported: the dashboard is another
// program that talks to gateways of other versions too, so it may rely on what is documented and on nothing else.

/** Plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [member: string]: Json };

/** Sections of the configuration that can be kept in the database, as they stand in a document. */
export const KINDS = [
  'routes',
  'services',
  'apis',
  'consumers',
  'identityProviders',
  'certificates',
  'lists',
] as const;
export type Kind = (typeof KINDS)[number];

/** What is wrong with a document, and where. */
export interface Issue {
  readonly message: string;
  readonly pointer: string;
  readonly code?: string;
  readonly severity?: 'error' | 'warning';
  readonly file?: string | null;
  readonly line?: number | null;
  readonly suggestion?: string;
}

/** Where something is written. */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

/** An object of the configuration, from files or from the database. */
export interface ObjectView {
  readonly kind: Kind;
  readonly name: string;
  readonly workspace: string;
  readonly owner: 'database' | 'files';
  readonly document: JsonObject;
  readonly revision: number | null;
  readonly etag: string | null;
  readonly origin: Origin | null;
  readonly status: {
    readonly state: 'active' | 'quarantined' | 'shadowed';
    readonly reason: string;
    readonly usedRevision: number | null;
  };
  readonly updatedAt: number | string | null;
  readonly updatedBy: string | null;
}

/** A part of a list; `next` leads to the next one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Something to know before a change is applied. */
export interface Risk {
  readonly level: 'high' | 'medium' | 'low';
  readonly code: string;
  readonly message: string;
  readonly objects: readonly string[];
  readonly count: number;
}

/** A difference; what is not there was not, or is not any more. */
export interface FieldChange {
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** What becomes of one object. */
export interface ObjectDiff {
  readonly kind: Kind;
  readonly name: string;
  readonly workspace?: string;
  readonly action: 'added' | 'changed' | 'removed';
  readonly fields?: readonly FieldChange[];
}

/** What a change does, or would do. */
export interface Plan {
  readonly revision: number | null;
  readonly changes: readonly ObjectDiff[];
  readonly risks: readonly Risk[];
  readonly warnings: readonly Issue[];
  readonly object?: ObjectView;
  /** Whether the gateway that was asked serves it by now; older ones do not say. */
  readonly served?: { readonly now: boolean; readonly reason: string } | null;
}

/** An object as one revision left it; null: it was removed. */
export interface ObjectVersion {
  readonly revision: number;
  readonly document: JsonObject | null;
  readonly at?: number | string;
  readonly author?: string;
  readonly message?: string;
}

/** A numbered change. */
export interface RevisionSummary {
  readonly number: number;
  readonly at: number | string;
  readonly author: string;
  readonly address?: string;
  readonly origin: string;
  readonly message: string;
  readonly risks: readonly Risk[];
  readonly changeCount: number;
}

/** Whoever looks at this. */
export interface Me {
  readonly name: string;
  readonly via: string;
  readonly role: Role | null;
  readonly workspaces: Readonly<Record<string, Role>>;
  readonly csrf?: string | null;
}
export type Role = 'viewer' | 'editor' | 'admin';

/** What went through one route or service in ten seconds. */
export interface NamedLoad {
  readonly name: string;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What went through in ten seconds. */
export interface LoadSample {
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly inFlight: number;
  readonly cpu: number;
  readonly routes: readonly NamedLoad[];
  readonly services: readonly NamedLoad[];
}

/** One address of a service, and how it does. */
export interface Endpoint {
  readonly service: string;
  readonly url: string;
  readonly weight: number;
  readonly zone: string | null;
  readonly isDraining: boolean;
  readonly state: string;
  readonly reason: string;
  readonly ejectedUntil: string | null;
  readonly ejections: number;
  readonly inflight: number;
  readonly latencyUs: number;
  readonly ok: number;
  readonly failed: number;
  readonly warmShare?: number;
}

/** What services have to do, where something guards them. */
export interface ServiceLoad {
  readonly service: string;
  readonly concurrency?: string;
  readonly limit?: number;
  readonly inflight?: number;
  readonly waiting?: number;
  readonly breaker?: { readonly state: string; readonly openForMs: number; readonly refused: number };
}

/** Where an alert stands. */
export interface Alert {
  readonly alert: string;
  readonly state: string;
  readonly severity: string | null;
  readonly value: number | null;
  readonly text: string;
  readonly firingSince: string | null;
  /** Absent in gateways that cannot be asked for silence. */
  readonly silence?: Silence | null;
}

/** That nobody wants to hear of an alert for a while, as somebody said. */
export interface Silence {
  readonly id: string;
  readonly alert: string;
  readonly reason: string;
  readonly author: string;
  readonly until: string;
}

/** How the registry of a service does. */
export interface Discovery {
  readonly service: string;
  readonly source: string;
  readonly address: string;
  readonly version: string;
  readonly endpoints: number;
  readonly ageSeconds: number | null;
  readonly from: string;
  readonly problem: string;
  readonly pending: { readonly endpoints: number; readonly reason: string; readonly seconds: number } | null;
  readonly changes: number;
  readonly refused: number;
}

/** One that registered itself, with what is left of its lease. */
export interface Instance {
  readonly service: string;
  readonly id: string;
  readonly endpoint: { readonly url?: string; readonly isDraining?: boolean; readonly zone?: string | null };
  readonly leaseSeconds: number;
  readonly expiresInSeconds: number;
}

/** What `/readyz?verbose` says. */
export interface Status {
  readonly status: string;
  readonly reasons: readonly string[];
  readonly version: string;
  readonly revision: number;
  readonly draining: boolean;
  readonly configuration: {
    readonly state: string;
    readonly sources: readonly string[];
    readonly appliedAt: string;
  };
  readonly lastReload: {
    readonly at: string;
    readonly reason: string;
    readonly result: { readonly kind: string };
  } | null;
  readonly threads: readonly {
    readonly thread: number;
    readonly state: string;
    readonly revision: number;
    readonly deaths: number;
    readonly aliveMs: number;
    readonly strain?: { readonly lag: number; readonly memory: number; readonly sheds: readonly string[] };
  }[];
  readonly listeners: readonly { readonly id: string; readonly host: string; readonly port: number }[];
  readonly identityProviders: readonly {
    readonly id: string;
    readonly issuer: string;
    readonly state: 'ready' | 'degraded' | 'unknown';
    readonly keys: number;
    readonly learnedAt: string | null;
    readonly problem: string;
    readonly endpoints: Readonly<Record<string, string>>;
  }[];
  readonly addressLists: readonly {
    readonly id: string;
    readonly kind: string;
    readonly entries: number;
    /** 0: never. */
    readonly loadedAtMs: number;
    readonly problem: string;
  }[];
  /** Not there: an older gateway. */
  readonly control?: {
    /** Null: there is none. */
    readonly database: {
      readonly revision: number;
      readonly isReachable: boolean;
      readonly problem: string;
    } | null;
    readonly quarantined: readonly unknown[];
    readonly shadowed: readonly unknown[];
  };
  readonly acme: readonly JsonObject[];
}

/** Memories of the cache, and what became of requests. */
export interface CacheStats {
  readonly memories: readonly {
    readonly memory: string;
    readonly routes: readonly string[];
    readonly capacityBytes: number;
    readonly usedBytes: number;
    readonly entries: number;
    readonly evictions: number;
    readonly insertions: number;
    readonly rejections: number;
    readonly purges: number;
  }[];
  readonly routes: readonly {
    readonly route: string;
    readonly memory: string;
    readonly results: Readonly<Record<string, number>>;
    readonly hitRatio: number | null;
    readonly bytesServed: number;
  }[];
}

/** Something that is stored. */
export interface CacheEntry {
  readonly memory: string;
  readonly route: string | null;
  readonly address: string | null;
  readonly kind: string;
  readonly state: string;
  readonly status: number | null;
  readonly ageSeconds: number | null;
  readonly freshSeconds: number | null;
  readonly hits: number;
  readonly bodyBytes: number;
}

/** A line of the live tail: that of the access log. */
export interface TailLine {
  readonly time: string;
  readonly requestId: string;
  readonly traceId?: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly client: string;
  readonly status: number;
  readonly route: string;
  readonly service: string;
  readonly endpoint: string;
  readonly attempts: number;
  readonly durationMs: number;
  readonly upstreamMs: number | null;
  readonly code?: string;
  readonly cache?: string;
  readonly consumer?: string;
  readonly [member: string]: unknown;
}

/** A route that was considered, and why it was passed over. */
export interface Candidate {
  readonly route: string;
  readonly path: string;
  readonly outcome: 'chosen' | 'outranked' | 'rejected';
  readonly mismatches: readonly string[];
}

/** Why a request got its reply. */
export interface TraceView {
  readonly id: string;
  readonly request: {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly listener: string;
  };
  readonly reply: {
    readonly status: number;
    readonly code: string;
    readonly durationMs: number;
    readonly answeredBy: string;
    readonly rule: string;
    readonly place: string;
  };
  readonly route: { readonly id: string; readonly place: string };
  readonly candidates: readonly Candidate[];
  readonly steps: readonly {
    readonly stage: string;
    readonly verdict: 'passed' | 'answered' | 'failed';
    readonly status: number;
    readonly code: string;
    readonly ownMicroseconds: number;
    readonly decisions: readonly {
      readonly policy: string;
      readonly decision: string;
      readonly reason: string;
    }[];
  }[];
  readonly upstream: {
    readonly service: string;
    readonly endpoint: string;
    readonly upstreamMs: number | null;
  };
}

interface Fact {
  readonly name: string;
  readonly about: string;
}

/** What is true of a service that would be called. */
export interface ExplainedService {
  readonly id: string;
  readonly origin?: Origin;
  readonly facts: readonly Fact[];
}

/** What `turnpike explain` says. */
export interface Explanation {
  readonly request: {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly query: string;
    readonly listener: string;
  } | null;
  readonly outcome:
    | {
        readonly kind: 'routed';
        readonly route: {
          readonly id: string;
          readonly path: string;
          readonly parameters: Readonly<Record<string, string>>;
          readonly origin: Origin;
          readonly stages: readonly Fact[];
          readonly target: ExplainedTarget;
        };
      }
    | {
        readonly kind: 'answered';
        readonly status: number;
        readonly code: string;
        readonly reason: string;
        readonly allow: string;
      };
  readonly candidates: readonly Candidate[];
}

/** Where a request would end. */
export interface ExplainedTarget {
  readonly kind: string;
  readonly requestLine?: string;
  readonly host?: string;
  readonly attempts?: readonly Fact[];
  readonly service?: ExplainedService;
  readonly services?: readonly ExplainedService[];
  readonly sides?: readonly { readonly weight: number; readonly service: ExplainedService }[];
  readonly status?: number;
  readonly location?: string;
  readonly bytes?: number;
  readonly provider?: string;
}

/** A key of a consumer, without the key. */
export interface ConsumerKey {
  readonly id: string;
  readonly consumer: string;
  readonly label: string;
  readonly createdAt: number | string;
  readonly createdBy: string;
  readonly expiresAt: number | string | null;
  readonly revokedAt: number | string | null;
  readonly lastUsedAt: number | string | null;
}

/** A token of the admin API, without the token. */
export interface AdminToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role | null;
  readonly workspaces: Readonly<Record<string, Role>>;
  readonly createdAt: number | string;
  readonly createdBy: string;
  readonly expiresAt: number | string | null;
  readonly lastUsedAt: number | string | null;
}

/** A certificate that a listener shows. */
export interface ShownCertificate {
  readonly listener: string;
  readonly source: 'file' | 'configuration' | 'database' | 'acme';
  readonly name: string | null;
  readonly file: string | null;
  readonly isDefault: boolean;
  readonly names: readonly string[];
  readonly state: 'valid' | 'expired' | 'missing';
  readonly issuer: string | null;
  readonly serial: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly acme: { readonly problem?: string | null } | null;
}

/** A limit of a route: so many in a time, for each key. */
export interface LimitView {
  readonly route: string;
  readonly limit: string;
  /** How the key is made. */
  readonly key: string;
  /** The parts for which a value names a key; empty: there is one for all. */
  readonly keyParts: readonly string[];
  readonly algorithm: string;
  readonly store: string;
  readonly quota: number;
  readonly quotaFrom:
    | { readonly kind: 'plan'; readonly plans: Readonly<Record<string, number>> }
    | { readonly kind: 'rule'; readonly rule: string }
    | null;
  readonly windowSeconds: number;
  readonly burst: number | null;
  readonly mode: 'on' | 'report';
  readonly percent: number;
}

/** How many a key may have under way on a route. */
export type AtOnceView = Pick<LimitView, 'route' | 'key' | 'keyParts' | 'mode'> & { readonly limit: number };

/** All limits of all routes. */
export interface LimitList {
  readonly limits: readonly LimitView[];
  readonly concurrency: readonly AtOnceView[];
}

/** How a key of a limit stands. */
export interface LimitState {
  readonly quota: number;
  readonly remaining: number;
  /** Until there is one more; 0: nothing is used. */
  readonly resetSeconds: number;
  readonly limited: boolean;
  readonly mode: 'on' | 'report';
  readonly store: string;
  readonly degraded: boolean;
}

/** Part of the gateway for one team. */
export interface Workspace {
  readonly name: string;
  readonly description: string;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

/** A gateway that shares the database. */
export interface FleetNode {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly version: string;
  readonly revision: number;
  readonly startedAt: number | string;
  readonly heartbeatAt?: number | string;
  readonly quarantined: readonly string[];
  /** Why it does not take the newest, or `''`. */
  readonly problem?: string;
  readonly load: {
    readonly requests: number;
    readonly errors: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly inFlight: number;
    readonly cpu: number;
  };
}

/** A revision that goes out step by step. */
export interface Rollout {
  readonly id: number;
  readonly revision: number;
  readonly base: number;
  readonly steps: readonly Selection[];
  readonly step: number;
  readonly stepMs: number;
  readonly state: 'running' | 'paused' | 'completed' | 'rolled-back';
  readonly reason: string;
  readonly startedAt: number | string;
  readonly steppedAt: number | string;
  readonly startedBy: string;
}

/** Which gateways take it first. */
export type Selection =
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'zones'; readonly zones: readonly string[] }
  | { readonly kind: 'nodes'; readonly nodes: readonly string[] };

/** Who did what, and what came of it. */
export interface AuditEntry {
  readonly id: number;
  readonly at: number | string;
  readonly author: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly workspace: string | null;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly revision: number | null;
  readonly detail: string;
}
