import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { HealthCheckConfig } from '@turnpike/config';
import { contextOptionsOf, peerOptionsOf } from '../../core/upstream-tls.ts';
import { problemOf } from './check-problem.ts';
import type { CheckPlace } from './checks.ts';

/** A body is read so far that its connection can be closed properly. */
const MOST_BODY_BYTES = 64 * 1024;

/** How to ask over HTTP. */
export type HttpProbe = Extract<HealthCheckConfig['probe'], { kind: 'http' }>;

/** Asks on a connection of its own; what counts is the status. */
export function httpCheck(
  { host, port, authority, tls }: CheckPlace,
  { method, path, host: ownHost, statuses }: HttpProbe,
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    let problem: string | null = 'the connection was closed without an answer';
    let hasAnswered = false;
    const headers = {
      host: ownHost ?? authority,
      'user-agent': 'turnpike-health-check',
      connection: 'close',
    };
    const options = { host, port, method, path, headers, agent: false, signal } as const;
    const asked =
      tls === null
        ? plainRequest(options)
        : tlsRequest({ ...options, ...contextOptionsOf(tls), ...peerOptionsOf(tls, host) });
    asked.on('error', (error) => {
      if (!hasAnswered) problem = problemOf(error);
    });
    asked.on('response', (response) => {
      hasAnswered = true;
      const status = response.statusCode ?? 0;
      problem = statuses.some(({ from, to }) => status >= from && status <= to) ? null : `status ${status}`;
      discard(response);
    });
    asked.on('upgrade', (_, socket) => socket.destroy());
    asked.once('close', () => resolve(problem));
    asked.end();
  });
}

function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES) response.destroy();
  });
  response.on('error', () => {}); // the status has been said
}
