import { connect, type IncomingHttpHeaders } from 'node:http2';
import { contextOptionsOf, peerOptionsOf } from '../../core/upstream-tls.ts';
import { problemOf } from './check-problem.ts';
import type { CheckPlace } from './checks.ts';
import { healthProblem, healthRequest } from './grpc-health-message.ts';

/** An answer has two bytes and a prefix of five; what is much longer is none. */
const MOST_BYTES = 1024;

/** Calls `grpc.health.v1.Health/Check` over HTTP/2, on a connection of its own. Only SERVING is healthy. */
export function grpcCheck(
  { authority, host, port, tls }: CheckPlace,
  { service, timeoutMs }: { readonly service: string; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<string | null> {
  if (signal.aborted) return Promise.resolve('given up');
  return new Promise((resolve) => {
    let problem: string | null = null;
    /** What the call says when its connection is gone, which knows better why. */
    let callProblem: string | null = null;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let status: string | null = null;
    const note = (fields: IncomingHttpHeaders): void => {
      const said = fields['grpc-status'];
      if (typeof said === 'string') status = said;
    };

    const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const session =
      tls === null
        ? connect(`http://${place}`)
        : connect(`https://${place}`, { ...contextOptionsOf(tls), ...peerOptionsOf(tls, host) });
    const giveUp = (): void => {
      problem ??= 'given up';
      session.destroy();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    session.on('error', (error) => (problem ??= problemOf(error)));
    session.once('close', () => {
      signal.removeEventListener('abort', giveUp);
      problem ??= callProblem;
      if (problem === null && status !== '0') problem = `grpc-status ${(status ?? 'none').slice(0, 3)}`;
      resolve(problem ?? healthProblem(Buffer.concat(chunks)));
    });

    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      ':authority': authority,
      ':scheme': tls === null ? 'http' : 'https',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'turnpike-health-check',
      'grpc-timeout': `${timeoutMs}m`,
    });
    call.on('response', (headers) => {
      note(headers);
      if (headers[':status'] !== 200) problem ??= `status ${headers[':status']}`;
    });
    call.on('trailers', note);
    call.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) {
        chunks.push(chunk);
      } else {
        problem ??= 'the answer is too long';
        session.destroy();
      }
    });
    call.on('error', (error) => (callProblem ??= problemOf(error)));
    call.once('close', () => session.destroy());
    call.end(healthRequest(service));
  });
}
