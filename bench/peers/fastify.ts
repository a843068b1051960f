import { fileURLToPath } from 'node:url';
import { whenReady } from '../http.ts';
import { freePort, launch } from '../processes.ts';
import { running, type Environment, type Peer, type Running } from './peer.ts';

/** `@fastify/http-proxy` as installed, with neither logger nor metrics: what most would write in Node.js, at its fastest. */
export const fastify: Peer = {
  name: 'fastify',
  kind: 'node',
  scales: 'alone',
  missing: () => missingPackage('@fastify/http-proxy') ?? missingPackage('fastify'),
  start: (environment) => startProgram('fastify-server.ts', environment),
};

/** Says how to get a package that is not there. */
export function missingPackage(name: string): string | null {
  try {
    import.meta.resolve(name);
    return null;
  } catch {
    return `${name} is not installed: npm ci`;
  }
}

/** Starts a proxy that is a program beside this file; its arguments are its port and the origin's. */
export async function startProgram(name: string, environment: Environment): Promise<Running> {
  const port = await freePort();
  const path = fileURLToPath(new URL(name, import.meta.url));
  const program = launch([process.execPath, path, String(port), String(environment.originPort)], environment);
  await whenReady(program, port, '/small');
  return running(program, port);
}
