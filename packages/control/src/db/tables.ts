import type { Kysely } from './kysely.ts';

// The tables as the newest migration leaves them. Documents are JSON in text: nobody asks the database what is in them, and both
// databases give back exactly what was written. Times are milliseconds since 1970.

/** All that a database holds. */
export interface Tables {
  /** Numbers that only grow: the head, and one for each topic. Whoever takes the next holds its row until the commit. */
  readonly counters: { name: string; value: number };
  readonly agreements: { name: string; value: string };
  readonly objects: ObjectRow & { document: string };
  /** Only ever added to. */
  readonly object_versions: ObjectRow & { document: string | null };
  readonly revisions: {
    number: number;
    at: number;
    author: string;
    address: string;
    origin: string;
    message: string;
    risks: string;
    change_count: number;
  };
  readonly consumer_keys: {
    id: string;
    consumer: string;
    label: string;
    digest: string;
    created_at: number;
    created_by: string;
    expires_at: number | null;
    revoked_at: number | null;
    last_used_at: number | null;
    change: number;
  };
  readonly workspaces: { name: string; document: string };
  readonly tokens: {
    id: string;
    name: string;
    digest: string;
    role: string | null;
    workspaces: string;
    created_at: number;
    created_by: string;
    expires_at: number | null;
    last_used_at: number | null;
  };
  readonly audit: {
    id: number;
    at: number;
    author: string;
    address: string;
    action: string;
    target: string;
    workspace: string | null;
    outcome: string;
    revision: number | null;
    detail: string;
  };
  readonly nodes: { id: string; report: string; heartbeat_at: number };
  readonly rollouts: {
    id: number;
    revision: number;
    base: number;
    steps: string;
    step: number;
    step_ms: number;
    state: string;
    reason: string;
    started_at: number;
    stepped_at: number;
    started_by: string;
  };
  /** Sealed. */
  readonly shared_texts: { name: string; value: string };
  /** Who does what only one may do, and until when that counts. */
  readonly jobs: { name: string; holder: string; until: number };
}

interface ObjectRow {
  kind: string;
  name: string;
  workspace: string;
  revision: number;
}

/** A way to ask: a connection of the pool, or a transaction. */
export type Queries = Kysely<Tables>;

/** Numbers that are counted. */
export type Counter = 'revision' | 'keys' | 'rollout' | 'tokens' | 'workspaces' | 'audit';
