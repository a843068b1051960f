import type { PolicyMode } from './policies.ts';

/** What a route keeps of the responses of its service (RFC 9111, as a shared cache). */
export interface CacheConfig {
  readonly mode: PolicyMode;
  /** `redis`: memory of the process in front of Redis, which all gateways share. */
  readonly store: 'memory' | 'redis';
  /** Bytes of a memory of its own, or null: it shares that of `stores.cache`. */
  readonly sizeBytes: number | null;
  /** Larger bodies are not stored. */
  readonly maxObjectBytes: number;
  /** How often something is asked for before it is stored; at least 1. */
  readonly minUses: number;
  /** How long responses stay fresh that say nothing; 0: they are not stored. */
  readonly defaultTtlMs: number;
  /** How long responses with a status stay fresh that say nothing: by status; before `defaultTtlMs`. */
  readonly statusTtlMs: Readonly<Record<number, number>>;
  /** Whether a response that says nothing but when it was changed is fresh for a tenth of its age, at most a day (RFC 9111 §4.2.2). */
  readonly heuristic: boolean;
  readonly key: CacheKeyConfig;
  /** Milliseconds; responses may say it themselves. 0: only those that do. */
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  /** The response field with tags, in lower case, beside the known ones, or null. */
  readonly tagsHeader: string | null;
  /** Whether `Cache-Control` and `Pragma` of requests change nothing. */
  readonly ignoreClientCacheControl: boolean;
  /** Whether those who ask for the same at once wait for one answer. */
  readonly coalesce: boolean;
  /** How long they wait for its head before they go themselves. */
  readonly coalesceWaitMs: number;
  /** Whether what is asked for often is fetched anew shortly before it is stale, by one. */
  readonly earlyRefresh: boolean;
  /** What becomes of a response with `Set-Cookie`: it is not stored, stored and given to all without it, or with it. */
  readonly setCookie: 'refuse' | 'strip' | 'keep';
  /** What becomes of 400, 413 and 431: never stored, or stored when the service itself says for how long. */
  readonly headErrors: 'refuse' | 'explicit';
  /** Whether a path with the extension of a picture, style or script is stored only with such a media type. */
  readonly checkContentType: boolean;
  /** Whether QUERY is answered from memory as well, by what is in its body. */
  readonly queryMethod: boolean;
}

/** What tells responses apart, beside the method, the address and what they vary by. */
export interface CacheKeyConfig {
  /** The query parameters that count, or null: all. */
  readonly query: readonly string[] | null;
  /** Whether the order of parameters counts. */
  readonly ordered: boolean;
  /** Request fields, in lower case. */
  readonly headers: readonly string[];
  /** Cookies by name. */
  readonly cookies: readonly string[];
  /**
   * Whether each caller has responses of its own: `auto` is yes where the route authenticates, unless the response says that it is
   * `public` or has `s-maxage`; `always`; `never` lets all who may come in share.
   */
  readonly identity: 'auto' | 'always' | 'never';
}
