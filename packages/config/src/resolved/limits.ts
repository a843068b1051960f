import type { PolicyMode } from './policies.ts';

/** One limit of a route: a bucket for each key. */
export interface RateLimitConfig {
  /** In `RateLimit-Policy`, metrics and problems; unique on the route. */
  readonly name: string;
  readonly mode: PolicyMode;
  /** Requests, or units of cost, in `windowMs`, unless `limitFrom` says otherwise. */
  readonly limit: number;
  readonly windowMs: number;
  /** At once; for a sliding window it is the limit. In proportion where `limitFrom` gives another limit. */
  readonly burst: number;
  /** Where this caller's limit is: by plan, or by an expression in CEL that gives a number. */
  readonly limitFrom:
    | { readonly kind: 'plan'; readonly plans: Readonly<Record<string, number>> }
    | { readonly kind: 'rule'; readonly rule: string }
    | null;
  readonly algorithm: 'gcra' | 'sliding';
  /** What together makes the key; empty: one bucket for all. */
  readonly by: readonly LimitKeyConfig[];
  /** What to do with requests that have no such key. */
  readonly whenKeyMissing: 'skip' | 'deny' | 'shared';
  /** Whether the key needs an identity: then it runs after authentication. */
  readonly stage: 'early' | 'late';
  /** Which routes share the buckets: this one, or all that name the group. */
  readonly group: string | null;
  /** CEL: only requests for which it holds; null: all. */
  readonly when: string | null;
  /** CEL on the request, which may be just a number: what it costs; null: 1. */
  readonly cost: string | null;
  /** CEL on the response: what it really cost, booked afterwards; null: as before. */
  readonly responseCost: string | null;
  /** Share of keys, 0 to 100, for which it acts; the others are reported. */
  readonly percent: number;
  readonly store: 'local' | 'redis';
  readonly whenStoreFails: 'local' | 'allow' | 'deny';
}

/** A part of the key of a limit; names of headers are in lower case. */
export type LimitKeyConfig =
  /** IPv6 by /64. */
  | { readonly kind: 'ip' }
  | { readonly kind: 'header' | 'cookie' | 'query' | 'path' | 'metadata'; readonly name: string }
  | { readonly kind: 'claim'; readonly path: readonly string[] }
  | { readonly kind: 'identity' | 'consumer' | 'plan' | 'route' | 'method' | 'host' }
  | { readonly kind: 'rule'; readonly rule: string };

/** How many requests may be under way at once for each key, in this process. */
export interface ConcurrencyConfig {
  readonly mode: PolicyMode;
  readonly limit: number;
  readonly by: readonly LimitKeyConfig[];
  readonly whenKeyMissing: 'skip' | 'deny' | 'shared';
}

/** Who is shed first under overload: the last. */
export type Priority = 'critical' | 'high' | 'normal' | 'low' | 'bulk';

/** Which priority a request has. */
export interface PriorityConfig {
  readonly level: Priority;
  /** Header in which trusted proxies say another, in lower case; null: none. */
  readonly header: string | null;
  /** By plan of the consumer. */
  readonly plans: Readonly<Record<string, Priority>>;
}
