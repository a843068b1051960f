import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { TestContext } from 'node:test';
import { within } from '@turnpike/testkit';

/** A response as a client of HTTP/2 gets it. */
export interface Http2Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, unknown>> | null;
  /** With which the stream ended. */
  readonly rstCode: number;
}

/** A session with prior knowledge, or with TLS if there is an authority; it ends with the test. */
export async function http2Client(t: TestContext, port: number, ca?: string): Promise<ClientHttp2Session> {
  const session =
    ca === undefined
      ? connect(`http://127.0.0.1:${port}`)
      : connect(`https://127.0.0.1:${port}`, { ca, checkServerIdentity: () => undefined });
  session.on('error', () => {});
  t.after(() => session.destroy());
  await within(once(session, 'remoteSettings'), 'settings');
  return session;
}

/** Sends a request, whose body ends at once; give `null` to end it yourself. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body: string | Buffer | null = '',
): ClientHttp2Stream {
  const all = { ':path': '/', ':authority': 'gateway.test', ...headers };
  const stream = session.request(all, { endStream: body === '' });
  stream.on('error', () => {});
  if (body !== null && body !== '') stream.end(body);
  return stream;
}

/** Waits for all of the response; rejects without a head. */
export async function read(stream: ClientHttp2Stream): Promise<Http2Response> {
  const chunks: Buffer[] = [];
  let head: Record<string, string | string[] | number | undefined> | null = null;
  let trailers: Record<string, unknown> | null = null;
  stream.on('response', (headers) => (head = { ...headers }));
  stream.on('trailers', (headers) => (trailers = { ...headers }));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await within(new Promise((resolve) => stream.once('close', resolve)), 'the end of a stream');
  const headers: Http2Response['headers'] = head ?? {};
  const status = Number(headers[':status'] ?? 0);
  return { status, headers, body: Buffer.concat(chunks), trailers, rstCode: stream.rstCode ?? 0 };
}
