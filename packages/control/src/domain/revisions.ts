import type { RolloutPlan } from './fleet.ts';
import type { ObjectChange } from './objects.ts';

/** Something that an operator should know before a change is applied. */
export interface Risk {
  readonly level: 'high' | 'medium' | 'low';
  /** For programs: `AUTHENTICATION_REMOVED`, `ROUTE_REMOVED`, … */
  readonly code: string;
  /** One sentence: `3 routes lose authentication`. */
  readonly message: string;
  /** Names such as `routes.user`, at most 20. */
  readonly objects: readonly string[];
  /** All of them. */
  readonly count: number;
}

/** Who made a change, from where, and why. */
export interface Authorship {
  readonly author: string;
  /** Address of the caller. */
  readonly address: string;
  /** What came to change it: a request, an import, a rollback, a roll-out that was halted. */
  readonly origin: 'api' | 'import' | 'rollback' | 'halt' | 'restore';
  readonly message: string;
}

/** A numbered change. The state at a revision is that of all changes up to it. */
export interface RevisionSummary extends Authorship {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly risks: readonly Risk[];
  readonly changeCount: number;
}

/** The same with what it changed. */
export interface Revision extends RevisionSummary {
  readonly changes: readonly ObjectChange[];
}

/** A change that is to become a revision. */
export interface Draft extends Authorship {
  /** It goes out step by step: its roll-out begins with it. */
  readonly rollout?: RolloutPlan | undefined;
  /** The revision that it was made and checked against: if there is another by now, it is not committed. */
  readonly base: number;
  readonly changes: readonly ObjectChange[];
  readonly risks: readonly Risk[];
}
