import type { Workspace } from './callers.ts';
import type { AuditEntry, FleetNode, NodeReport, Rollout } from './fleet.ts';
import type { AdminToken, ConsumerKey } from './keys.ts';
import type { Kind, ObjectRef, ObjectVersion, StoredObject } from './objects.ts';
import type { Draft, Revision, RevisionSummary } from './revisions.ts';

// The port to the database: what `db/` implements over SQLite and PostgreSQL, and what everybody else uses. All of it rejects
// with `StoreUnavailable` when the database cannot be reached or does not answer in time.

/** A part of a list, in order of names or numbers. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next part begins; `null`: this was the last. */
  readonly next: string | null;
}

/** Which part. */
export interface PageQuery {
  /** At most 1,000. */
  readonly limit: number;
  /** `next` of the part before; what never was one rejects with `BadCursor`. */
  readonly after: string | null;
}

/** What the database holds. */
export interface Store {
  readonly objects: ObjectStore;
  readonly revisions: RevisionStore;
  readonly keys: KeyStore;
  readonly workspaces: NamedStore<Workspace>;
  readonly tokens: TokenStore;
  readonly audit: AuditStore;
  readonly fleet: FleetStore;
  readonly shared: SharedTextStore;
  /** Where it stands, for who has followed it up to a revision. */
  position(revision: number): Promise<Position>;
  /** Small values that gateways agree on, such as the secret of sessions: gives the one that was first. */
  agree(name: string, proposal: string): Promise<string>;
  /**
   * Calls back soon after something was committed, here or by another gateway; it may also call for nothing, and does so for
   * `revision` whenever the database was asked, whether it has answered or not.
   */
  listen(hear: (topic: Topic) => void): () => void;
  close(): Promise<void>;
}

/** What tells whether a database still is the one that somebody has followed: a backup may have been put in its place. */
export interface Position {
  /** The newest revision; 0 before the first. */
  readonly head: number;
  /** The newest change of a key. */
  readonly keyChange: number;
  /** Another one in each database and after each restore of a backup; `''`: never restored. */
  readonly history: string;
  /** When the revision that was asked for was made; null: there is none. */
  readonly madeAt: number | null;
}

/** What was changed. */
export type Topic = 'revision' | 'keys' | 'rollout' | 'tokens' | 'workspaces';

export interface ObjectStore {
  find(ref: ObjectRef): Promise<StoredObject | null>;
  list(
    filter: { readonly kind: Kind; readonly workspaces: readonly string[] | null; readonly search: string },
    page: PageQuery,
  ): Promise<Page<StoredObject>>;
  /** Everything as it was at a revision, in order of kind and name. */
  at(revision: number): Promise<readonly StoredObject[]>;
  /** The latest version of each object that was changed after one revision and up to another. */
  changed(after: number, upTo: number): Promise<readonly ObjectVersion[]>;
  /** Versions of one object, newest first. */
  history(ref: ObjectRef, page: PageQuery): Promise<Page<ObjectVersion>>;
}

export interface RevisionStore {
  /** The newest; 0 before the first. */
  head(): Promise<number>;
  find(number: number): Promise<Revision | null>;
  /** The same without what it changed, which may be very much. */
  summary(number: number): Promise<RevisionSummary | null>;
  list(page: PageQuery): Promise<Page<RevisionSummary>>;
  /**
   * In one transaction: the revision, its objects, their versions, and its roll-out, if it goes out step by step. `stale`: the head is
   * not `draft.base` any more, or a roll-out is under way and this does not take it back.
   */
  commit(draft: Draft): Promise<Committed | { readonly kind: 'stale' }>;
}

/** A change that was made. */
export interface Committed {
  readonly kind: 'committed';
  readonly revision: RevisionSummary;
  /** null: it is for everybody at once. */
  readonly rollout: Rollout | null;
}

export interface KeyStore {
  create(key: Omit<ConsumerKey, 'change' | 'lastUsedAt' | 'revokedAt'>): Promise<ConsumerKey>;
  find(id: string): Promise<ConsumerKey | null>;
  list(consumer: string, page: PageQuery): Promise<Page<ConsumerKey>>;
  /** Gives the key as it is then; `null`: there is none, or it may not be changed as it is. */
  update(
    id: string,
    change: Partial<Pick<ConsumerKey, 'label' | 'expiresAt' | 'revokedAt'>>,
    permits?: Permits<ConsumerKey>,
  ): Promise<ConsumerKey | null>;
  /** When keys were used last, by id; earlier times than those known change nothing. */
  touch(uses: ReadonlyMap<string, number>): Promise<void>;
  /** Those with a higher `change`, in its order; revoked and expired ones too. */
  changed(after: number, limit: number): Promise<readonly ConsumerKey[]>;
}

/** Whether something may be changed as it is in that moment, asked in the transaction of the change; null: there is nothing. */
export type Permits<T> = (now: T | null) => boolean;

export interface NamedStore<T extends { readonly name: string }> {
  find(name: string): Promise<T | null>;
  list(): Promise<readonly T[]>;
  /** `false`: it may not be changed as it is. */
  put(value: T, permits?: Permits<T>): Promise<boolean>;
  /** `false`: there is none, or it may not be changed as it is. */
  remove(name: string, permits?: Permits<T>): Promise<boolean>;
}

export interface TokenStore {
  create(token: Omit<AdminToken, 'lastUsedAt'>): Promise<AdminToken>;
  list(): Promise<readonly AdminToken[]>;
  remove(id: string): Promise<boolean>;
  touch(uses: ReadonlyMap<string, number>): Promise<void>;
}

export interface AuditStore {
  add(entry: Omit<AuditEntry, 'id'>): Promise<void>;
  /** Newest first. */
  list(
    filter: {
      readonly author?: string;
      readonly action?: string;
      readonly workspaces: readonly string[] | null;
    },
    page: PageQuery,
  ): Promise<Page<AuditEntry>>;
}

export interface FleetStore {
  report(report: NodeReport): Promise<void>;
  nodes(): Promise<readonly FleetNode[]>;
  /** Those not heard of since then, in milliseconds since 1970. */
  forget(before: number): Promise<void>;
  rollout(): Promise<Rollout | null>;
  rollouts(page: PageQuery): Promise<Page<Rollout>>;
  /** Changes it if it still is at the step and in the state that the caller knows. */
  advance(
    known: Pick<Rollout, 'id' | 'step' | 'state'>,
    change: Partial<Pick<Rollout, 'step' | 'state' | 'reason' | 'steppedAt'>>,
  ): Promise<boolean>;
  /** Runs a job that only one gateway of the fleet does at a time; `false`: another one does. */
  alone(job: string, work: () => Promise<void>): Promise<boolean>;
}

/** Texts that gateways share, by name, and leases of what only one of them may do. Who writes seals. */
export interface SharedTextStore {
  read(name: string): Promise<string | null>;
  write(name: string, text: string): Promise<void>;
  /** Unless there is something. */
  create(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** `false`: somebody else has it. */
  takeLease(name: string, lease: LeaseWish): Promise<boolean>;
  /** `false`: it has run out, or is somebody else's. */
  renewLease(name: string, lease: LeaseWish): Promise<boolean>;
  releaseLease(name: string, holder: string): Promise<void>;
}

/** Who wants something for themselves, and for how long. */
export interface LeaseWish {
  readonly holder: string;
  readonly leaseMs: number;
}

/** The database cannot be reached or does not answer in time. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** There is no database in the configuration, so nothing can be written. */
export class NoDatabase extends Error {
  override readonly name = 'NoDatabase';
}

/** `PageQuery.after` is nothing that a page of this list ended with. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';
}
