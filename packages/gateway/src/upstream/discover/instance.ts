import type { FoundEndpoint } from './endpoint-source.ts';

/** An instance of a service that has registered itself. */
export interface Instance {
  readonly id: string;
  readonly service: string;
  readonly endpoint: FoundEndpoint;
  /** It has to be heard of at least so often. */
  readonly leaseSeconds: number;
  /** What it says of itself; nothing here depends on it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly registeredAtMs: number;
}

/** What registers. */
export type NewInstance = Omit<Instance, 'registeredAtMs'>;

/** An instance and how long it may still be silent. */
export interface ListedInstance extends Instance {
  readonly expiresInSeconds: number;
}

/** How often an instance must be heard of: what it may say, and what it need not. */
export const LEASE_SECONDS = { least: 5, most: 3600, usual: 30 } as const;

/** So many instances of all services together. */
export const MAX_INSTANCES = 10_000;

/** What a service or an instance may be called: it is part of a path, and of a line in a log. */
export const INSTANCE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}$/;

/** Bounds of what an instance may say of itself. */
export const METADATA = { entries: 16, keyLength: 64, valueLength: 256 } as const;
