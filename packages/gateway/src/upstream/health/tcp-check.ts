import { connect } from 'node:net';
import { problemOf } from './check-problem.ts';

/** Whether a connection comes about. Sends nothing. */
export function tcpCheck(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    let problem: string | null = 'the connection was closed';
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      problem = null;
      socket.destroy();
    });
    socket.on('error', (error) => (problem &&= problemOf(error)));
    socket.once('close', () => resolve(problem));
  });
}
