// Where requests are counted for limits: in shared memory of this process, or in Redis for several gateways.

/** How much a key may use. */
export interface Quota {
  /** Units in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Units at once. */
  readonly burst: number;
}

/** What came of asking for units. */
export interface Taken {
  readonly isAllowed: boolean;
  /** Units that are left now. */
  readonly remaining: number;
  /** Until there is at least one unit more; 0 when nothing is used. */
  readonly resetMs: number;
  /** When it was denied: until these units would be there; 0 otherwise. */
  readonly retryAfterMs: number;
}

/** One bucket of one limit, and what is asked of it. */
export interface Charge {
  readonly limiter: Limiter;
  readonly key: string;
  readonly quota: Quota;
  readonly cost: number;
}

/** The buckets of one limit. Made once a route and limit; those with the same id share their buckets. */
export interface Limiter {
  readonly id: string;
  readonly algorithm: 'gcra' | 'sliding';
}

/** Counts. Deciding and counting is one step: whoever asks at the same time, on whichever thread or gateway, no more pass than may. */
export interface Counters {
  limiter(id: string, algorithm: Limiter['algorithm']): Limiter;
  /**
   * Takes from all of these buckets, or from none if one of them has no room; the answers are in the order of the charges.
   * Null: it cannot be said without waiting, and nothing was taken.
   */
  takeNow(charges: readonly Charge[]): readonly Taken[] | null;
  /** The same for one bucket. */
  takeOne(charge: Charge): Taken | null;
  /** The same, and waits for it. Rejects with `COUNTERS_UNAVAILABLE`. */
  take(charges: readonly Charge[]): Promise<readonly Taken[]>;
  /** Books what a request cost beyond what was taken, which may be negative. A bucket may go into debt by one window. */
  settle(charge: Charge, difference: number): void;
}

/** Looks at buckets, for people who ask how they stand. */
export interface Inspection {
  limiter(id: string, algorithm: Limiter['algorithm']): Limiter;
  /** What asking for these units would give now; takes nothing. */
  look(charge: Charge): Taken;
  /** The bucket starts afresh. */
  forget(charge: Charge): void;
}
