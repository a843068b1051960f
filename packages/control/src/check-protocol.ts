import type { Loaded, WrittenEntry } from '@turnpike/config/load';
import type { Workspace } from './domain/callers.ts';
import type { ConfigNews } from './config-news.ts';
import type { ReadObjects } from './domain/documents.ts';
import type { ObjectRef, ObjectVersion, StoredObject } from './domain/objects.ts';
import type { Judgement, Wish } from './domain/plan.ts';
import type { ObjectStatus } from './domain/statuses.ts';

// What the main thread and the one that checks say to each other. All of it is plain data.

/** All objects of a state, told as the difference to those of the task before. */
export interface ObjectNews {
  readonly put: readonly StoredObject[];
  /** As `nameOf` has them. */
  readonly gone: readonly string[];
}

/** What can be checked away from the main thread. */
export type CheckTask =
  | {
      readonly kind: 'judge';
      readonly objects: ObjectNews;
      /** Another one: the files may be others. */
      readonly load: number;
      readonly wishes: readonly Wish[];
      readonly workspaces: readonly Workspace[];
      readonly takesExpired: boolean;
    }
  | {
      readonly kind: 'load';
      readonly objects: ObjectNews;
      readonly load: number;
      /** Of which load the main thread has the configuration; null: of none. */
      readonly held: number | null;
    }
  | { readonly kind: 'read'; readonly text: string }
  /** A document, as JSON. */
  | { readonly kind: 'write'; readonly text: string };

/** What each of them gives. */
export interface CheckResults {
  readonly judge: Judgement;
  readonly load: PackedLoad;
  readonly read: ReadObjects;
  readonly write: string;
}

/** A steered load without its functions. */
export interface PackedLoad extends Pick<Loaded, 'issues' | 'files' | 'directories'> {
  readonly config: ConfigNews | null;
  readonly secrets: readonly string[];
  readonly entries: readonly (readonly [section: string, entries: readonly WrittenEntry[]])[];
  readonly exceptions: readonly (readonly [name: string, status: ObjectStatus])[];
}

/** What the thread begins with. */
export interface CheckStart {
  readonly paths: readonly string[];
  /** What opens and seals the secrets of the database. */
  readonly url: string;
  readonly keys: readonly string[];
}

export type ToCheckThread =
  | { readonly kind: 'task'; readonly id: number; readonly task: CheckTask }
  | { readonly kind: 'history'; readonly id: number; readonly versions: readonly ObjectVersion[] };

export type FromCheckThread =
  | { readonly kind: 'done'; readonly id: number; readonly result: CheckResults[CheckTask['kind']] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  /** The database is asked by the main thread only. */
  | { readonly kind: 'history'; readonly id: number; readonly ref: ObjectRef };
