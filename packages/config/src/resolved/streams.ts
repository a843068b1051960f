/** What may go through a WebSocket, and for how long. Null where there is no bound. */
export interface WebsocketConfig {
  /** Normalised. Null: everybody, but for credentials that browsers add by themselves. */
  readonly origins: readonly string[] | null;
  /** Null: any. */
  readonly subprotocols: readonly string[] | null;
  readonly idleTimeoutMs: number | null;
  readonly lifetimeMs: number | null;
  readonly pingMs: number | null;
  readonly maxMessageBytes: number | null;
  readonly messages: { readonly limit: number; readonly perMs: number } | null;
  readonly closeOnExpiry: boolean;
}

/** How a stream of events is kept alive. Null where there is no bound. */
export interface EventStreamConfig {
  readonly heartbeatMs: number | null;
  readonly idleTimeoutMs: number | null;
}
