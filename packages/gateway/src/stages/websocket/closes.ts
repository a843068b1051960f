import type { StreamEnd } from '../../core/stream-end.ts';

/** What both sides are told when we end a WebSocket. */
export interface Close {
  /** RFC 6455 §7.4.1 and the registry of IANA. */
  readonly code: number;
  /** At most 123 bytes (RFC 6455 §5.5). */
  readonly reason: string;
}

/**
 * What we say for each end of ours. Only codes that browsers take: 1014 (bad gateway) is registered, and Chromium answers it
 * with a protocol error, so that a service that is gone is a 1011.
 */
export const CLOSES = {
  drain: { code: 1001, reason: 'the gateway is about to stop' },
  reload: { code: 1012, reason: 'this is not served any more' },
  expired: { code: 3000, reason: 'the credentials have expired' },
  idle: { code: 1001, reason: 'idle for too long' },
  silent: { code: 1001, reason: 'no answer to a ping' },
  lifetime: { code: 1001, reason: 'open for as long as it may be' },
  'message-size': { code: 1009, reason: 'a message is too large' },
  'message-rate': { code: 1008, reason: 'too many messages' },
  protocol: { code: 1002, reason: 'a frame is malformed' },
  'service-lost': { code: 1011, reason: 'the service is gone' },
} as const satisfies Partial<Record<StreamEnd, Close>>;

/** An end that we bring about. */
export type OwnEnd = keyof typeof CLOSES;
