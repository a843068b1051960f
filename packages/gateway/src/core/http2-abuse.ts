/**
 * What a client does too much of on one connection with HTTP/2: streams that end before their reply (`reset`: rapid reset when
 * the client resets, MadeYouReset when it makes us reset), streams beyond those that it may have (`refused`), `ping` and
 * `settings` frames, bytes that are neither heads nor bodies (`chatter`: WINDOW_UPDATE, PRIORITY, unknown frames), what
 * is against the rules or of no use (`frames`: malformed and empty ones, priorities, header blocks without end), and not reading what it asked for (`stalled`).
 */
export const HTTP2_ABUSES = ['reset', 'refused', 'ping', 'settings', 'chatter', 'frames', 'stalled'] as const;

export type Http2Abuse = (typeof HTTP2_ABUSES)[number];
