import type { PolicyMode } from './policies.ts';

/** What browsers of other origins may do (Fetch standard). */
export interface CorsConfig {
  readonly mode: PolicyMode;
  /** Exact, with `*` for one label or more of the host (`https://*.example.com`), or `*`. */
  readonly origins: readonly string[];
  /** Empty: the methods of the route. */
  readonly methods: readonly string[];
  /** `*`: those that are asked for. */
  readonly headers: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeMs: number;
  readonly privateNetwork: boolean;
}

/** Response headers that make browsers careful, by lower-case name; null: not sent. The service's own go first. */
export interface SecurityHeadersConfig {
  readonly mode: PolicyMode;
  readonly headers: Readonly<Record<string, string>>;
}
