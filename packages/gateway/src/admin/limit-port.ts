/** What the admin API can ask about limits, and have it do. */
export interface LimitPort {
  list(): LimitList;
  /** How a key stands; counts nothing. */
  look(wanted: WantedKey): Promise<LimitState | LimitFault>;
  /** The key starts afresh, everywhere. Rejects with `COUNTERS_UNAVAILABLE`. */
  reset(wanted: WantedKey): Promise<null | LimitFault>;
  /** How much a key has under way on a route. */
  inUse(wanted: Omit<WantedKey, 'limit' | 'quota' | 'plan'>): ConcurrencyState | LimitFault;
}

/** A key of a limit, by the values of its parts. */
export interface WantedKey {
  readonly route: string;
  readonly limit: string;
  /** For each part of the key, in its order; empty: it is missing. */
  readonly key: readonly string[];
  /** How much the key may use, where that comes from the request; null: as the plan says, or the configuration. */
  readonly quota: number | null;
  readonly plan: string | null;
}

/** All limits of all routes. */
export interface LimitList {
  readonly limits: readonly LimitView[];
  readonly concurrency: readonly ConcurrencyView[];
}

/** A limit as it is configured. */
export interface LimitView {
  readonly route: string;
  readonly limit: string;
  /** How the key is made, for people. */
  readonly key: string;
  /** The parts for which a value is needed to name a key, in their order; empty: there is one bucket for all. */
  readonly keyParts: readonly string[];
  readonly algorithm: 'gcra' | 'sliding';
  readonly store: 'local' | 'redis';
  /** Units in a window, where `quotaFrom` does not say otherwise. */
  readonly quota: number;
  readonly quotaFrom:
    | { readonly kind: 'plan'; readonly plans: Readonly<Record<string, number>> }
    | { readonly kind: 'rule'; readonly rule: string }
    | null;
  readonly windowSeconds: number;
  /** Null: a sliding window has none. */
  readonly burst: number | null;
  readonly mode: 'on' | 'report';
  /** Of the keys, for how many it acts; the others are reported. */
  readonly percent: number;
  /** Limits with the same share their buckets; null: the limit is alone. */
  readonly group: string | null;
}

/** How a key stands now. */
export interface LimitState {
  readonly route: string;
  readonly limit: string;
  readonly key: readonly string[];
  readonly quota: number;
  readonly remaining: number;
  /** Until there is one unit more; 0: nothing is used. */
  readonly resetSeconds: number;
  /** Whether there is no room for a request now. */
  readonly limited: boolean;
  /** Whether a request of this key would be refused then, or only reported. */
  readonly mode: 'on' | 'report';
  readonly store: 'local' | 'redis';
  /** Redis does not answer: this is what the limit does meanwhile. */
  readonly degraded: boolean;
}

/** How many requests a key may have under way on a route. */
export interface ConcurrencyView {
  readonly route: string;
  readonly key: string;
  readonly keyParts: readonly string[];
  readonly limit: number;
  readonly mode: 'on' | 'report';
}

/** How many a key has. */
export interface ConcurrencyState {
  readonly route: string;
  readonly key: readonly string[];
  readonly limit: number;
  readonly inUse: number;
}

/** There is no such limit, or the key does not fit it. */
export type LimitFault =
  | { readonly fault: 'unknown'; readonly detail: string }
  | { readonly fault: 'key'; readonly detail: string };
