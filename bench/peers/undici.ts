import { missingPackage, startProgram } from './fastify.ts';
import type { Peer } from './peer.ts';

/** A plain proxy of `node:http` and undici, without any framework: close to the best that Node's own HTTP can do. */
export const undici: Peer = {
  name: 'undici',
  kind: 'node',
  scales: 'alone',
  missing: () => missingPackage('undici'),
  start: (environment) => startProgram('undici-server.ts', environment),
};
