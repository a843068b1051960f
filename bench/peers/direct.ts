import type { Peer } from './peer.ts';

/** No gateway at all: the client asks the origin, to see what the others add. */
export const direct: Peer = {
  name: 'direct',
  kind: 'none',
  scales: 'alone',
  missing: () => null,
  start: async ({ originPort }) => ({ port: originPort, tlsPort: 0, pids: [], stop: async () => {} }),
};
