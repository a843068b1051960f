/** How a gateway does; it says so every three seconds. */
export interface NodeReport {
  /** Of the state directory, so it stays over restarts. */
  readonly id: string;
  /** For people: the host name. */
  readonly name: string;
  readonly zone: string;
  readonly version: string;
  /** The revision that all its threads serve. */
  readonly revision: number;
  readonly startedAt: number;
  /** Objects that it could not take, as `routes.user`, at most 20. */
  readonly quarantined: readonly string[];
  /** Why it could not take the revision that it was to take last, in one sentence; without it, it could. */
  readonly problem?: string;
  readonly load: NodeLoad;
}

/** Over the last ten seconds. */
export interface NodeLoad {
  readonly requests: number;
  /** Responses with a status of 500 and above. */
  readonly errors: number;
  /** Responses with a status from 400 to 499; an older program does not say. */
  readonly refused?: number;
  /** Milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly inFlight: number;
  /** Cores in use by the process. */
  readonly cpu: number;
}

/** The same as the database has it. */
export interface FleetNode extends NodeReport {
  readonly heartbeatAt: number;
}

/** Which gateways take a revision before the others. */
export type Selection =
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'zones'; readonly zones: readonly string[] }
  | { readonly kind: 'nodes'; readonly nodes: readonly string[] };

/** A revision that goes out step by step. At most one is under way. */
export interface Rollout {
  readonly id: number;
  /** What the selected take. */
  readonly revision: number;
  /** What the others serve meanwhile. */
  readonly base: number;
  /** In turn; the last is everybody, whether it is written or not. */
  readonly steps: readonly Selection[];
  readonly step: number;
  /** How long a step is watched before the next, in milliseconds. */
  readonly stepMs: number;
  readonly state: 'running' | 'paused' | 'completed' | 'rolled-back';
  /** Why it ended so, or was paused; `''` while it runs. */
  readonly reason: string;
  readonly startedAt: number;
  readonly steppedAt: number;
  readonly startedBy: string;
}

/** How a revision is to go out. */
export type RolloutPlan = Pick<Rollout, 'steps' | 'stepMs'>;

/** One line of the audit log: who did what, when, from where, and what came of it. */
export interface AuditEntry {
  readonly id: number;
  readonly at: number;
  readonly author: string;
  readonly address: string;
  /** `object.put`, `revision.rollback`, `key.create`, `cache.purge`, `login.failed`, … */
  readonly action: string;
  /** `routes.user`, `consumers.acme`, … */
  readonly target: string;
  readonly workspace: string | null;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly revision: number | null;
  readonly detail: string;
}
