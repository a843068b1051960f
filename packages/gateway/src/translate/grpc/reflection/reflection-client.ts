import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { contextOptionsOf, peerOptionsOf, type UpstreamTls } from '../../../core/upstream-tls.ts';
import { frame, FrameReader } from '../frames.ts';

/** Where a service may be asked. */
export interface ReflectionTarget {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null: in the clear, with prior knowledge. */
  readonly tls: UpstreamTls | null;
}

/** Asks one question after the other. Rejects when the service does not answer, with `ReflectionRefused` when it says why. */
export type Ask = (request: Uint8Array) => Promise<Uint8Array>;

/** The service ended the stream with this status. */
export class ReflectionRefused extends Error {
  override readonly name = 'ReflectionRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message === '' ? `it answered with gRPC status ${status}` : `${message} (gRPC status ${status})`);
    this.status = status;
  }
}

/** UNIMPLEMENTED: it does not speak this version. */
export const UNIMPLEMENTED = 12;

const LIMITS = {
  messageBytes: 16 * 1024 * 1024,
  tooLarge: 'UPSTREAM_INVALID',
  incomplete: 'UPSTREAM_INCOMPLETE',
} as const;

/** Opens a connection for `talk`, which may open one stream after the other, and closes it after that. */
export async function withService<T>(
  target: ReflectionTarget,
  signal: AbortSignal,
  talk: (open: (path: string) => Ask) => Promise<T>,
): Promise<T> {
  const session = sessionTo(target);
  const cancel = (): void =>
    session.destroy(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
  signal.addEventListener('abort', cancel);
  try {
    signal.throwIfAborted();
    const broken = new Promise<never>((_resolve, reject) => {
      session.on('error', reject);
      session.on('close', () => reject(new Error('the connection was closed')));
    });
    broken.catch(() => {}); // told to whoever waits, if anybody does
    return await Promise.race([broken, talk((path) => openStream(session, path))]);
  } finally {
    signal.removeEventListener('abort', cancel);
    session.destroy();
  }
}

function sessionTo({ host, port, tls }: ReflectionTarget): ClientHttp2Session {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (tls === null) return connect(`http://${authority}`);
  return connect(`https://${authority}`, {
    createConnection: () =>
      connectTls({
        host,
        port,
        ALPNProtocols: ['h2'],
        ...contextOptionsOf(tls),
        ...peerOptionsOf(tls, host),
      }),
  });
}

function openStream(session: ClientHttp2Session, path: string): Ask {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const waiting: { resolve: (answer: Uint8Array) => void; reject: (error: Error) => void }[] = [];
  let ended: Error | null = null;
  const end = (error: Error): void => {
    ended ??= error;
    for (const one of waiting.splice(0)) one.reject(ended);
  };
  listen(stream, { answered: (message) => waiting.shift()?.resolve(message), ended: end });
  return (request) =>
    new Promise((resolve, reject) => {
      if (ended !== null) return reject(ended);
      waiting.push({ resolve, reject });
      stream.write(frame(0, request));
    });
}

interface Hearer {
  readonly answered: (message: Uint8Array) => void;
  readonly ended: (error: Error) => void;
}

function listen(stream: ClientHttp2Stream, { answered, ended }: Hearer): void {
  const reader = new FrameReader(LIMITS, (_flags, message) => answered(Buffer.from(message)));
  const finish = (headers: IncomingHttpHeaders): void => {
    const status = headers['grpc-status'];
    if (status !== undefined) ended(new ReflectionRefused(Number(status), messageOf(headers)));
  };
  stream.on('response', (headers) => {
    if (headers[':status'] !== 200) ended(new Error(`it answered with HTTP status ${headers[':status']}`));
    finish(headers);
  });
  stream.on('trailers', finish);
  stream.on('data', (chunk: Buffer) => {
    try {
      reader.feed(chunk);
    } catch (error) {
      ended(error instanceof Error ? error : new Error(String(error)));
      stream.close();
    }
  });
  stream.on('error', ended);
  stream.on('close', () => ended(new Error('the stream was closed')));
}

function messageOf(headers: IncomingHttpHeaders): string {
  const text = String(headers['grpc-message'] ?? '');
  try {
    return decodeURIComponent(text).slice(0, 500);
  } catch {
    return text.slice(0, 500);
  }
}
