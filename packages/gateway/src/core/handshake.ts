/** How handshakes end: with a new or a resumed session, or for one of these reasons without any; `challenge` was a look of an authority. */
export const HANDSHAKE_RESULTS = [
  'new',
  'resumed',
  'timeout',
  'closed',
  'plain-http',
  'version',
  'cipher',
  'certificate',
  'no-certificate',
  'challenge',
  'protocol',
] as const;

/** One of them. */
export type HandshakeResult = (typeof HANDSHAKE_RESULTS)[number];
