import type { Call } from '../../core/transport.ts';

/** Connections that exist, those of them that nobody uses, and calls that wait for one. */
export interface PoolSize {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

/** The connections of this thread to one endpoint. */
export interface Pool {
  readonly size: PoolSize;
  /**
   * Sends `call`, as soon as there is a connection for it. `isFresh` demands one that cannot have died unnoticed. Throws, or
   * tells the listener, `CONNECTION_LIMIT` when too many wait.
   */
  send(call: Call, isFresh: boolean): CallHolder;
  /** The endpoint is not used any more: idle connections go now, the others when their calls are over. */
  close(): void;
}

/** Who has a call that was handed over: a connection, or the pool as long as there is none. */
export interface CallHolder {
  /** Calls that it has taken, this one included. */
  readonly uses: number;
  /** Nobody waits for the answer any more. */
  abandon(call: Call): void;
}

/** Calls that may wait for a connection, per connection that there may be. */
export const WAITING_PER_CONNECTION = 8;
