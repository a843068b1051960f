/**
 * Why a WebSocket or a stream of events ended: one side said goodbye (`client`, `service`), or went away without a word; or we
 * ended it.
 */
export const STREAM_ENDS = [
  'client',
  'service',
  'client-lost',
  'service-lost',
  'drain',
  'reload',
  'expired',
  'idle',
  'silent',
  'lifetime',
  'message-size',
  'message-rate',
  'protocol',
] as const;

/** One of {@link STREAM_ENDS}. */
export type StreamEnd = (typeof STREAM_ENDS)[number];

/** Counts the WebSockets of a route. */
export interface SocketTally {
  opened(): void;
  message(from: 'client' | 'service'): void;
  closed(end: StreamEnd): void;
}
