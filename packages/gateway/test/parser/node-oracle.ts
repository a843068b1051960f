import { createServer, request, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Field } from './read-connection.ts';

/** One message as `node:http` (llhttp) read it; its body as latin1. */
export interface NodeMessage {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly minor: number;
  readonly fields: readonly Field[];
  readonly body: string;
  readonly trailers: readonly Field[];
  readonly isComplete: boolean;
}

export interface NodeReading {
  readonly messages: readonly NodeMessage[];
  /** Code of the error that ended it, or empty. */
  readonly error: string;
}

/** Rounds of the event loop without any news after which nothing more will come. */
const QUIET_ROUNDS = 8;
const MAX_HEADER_BYTES = 256 * 1024;

type Heard = { readonly message: IncomingMessage; body: string };

/** What comes of all these bytes, each on a connection of its own; in memory, because sockets would cost most of the time. */
export async function nodeReadsRequests(inputs: readonly Buffer[]): Promise<NodeReading[]> {
  let news = 0;
  const heard = new Map<unknown, Heard[]>();
  const errors = new Map<unknown, string>();
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: 0,
    headersTimeout: 0,
    keepAliveTimeout: 0,
  });
  server.maxHeadersCount = 0;
  server.on('request', (message, answer) => {
    const entry = hear(message, () => news++);
    heard.get(message.socket)?.push(entry);
    message.on('end', () => answer.end());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    news++;
    if (!errors.has(socket)) errors.set(socket, error.code ?? error.message);
    socket.destroy();
  });
  const connections = inputs.map((bytes) => {
    const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    connection.on('error', () => {});
    heard.set(connection, []);
    server.emit('connection', connection);
    connection.push(bytes);
    return connection;
  });
  await quiet(() => news);
  const readings = connections.map((connection) => ({
    messages: (heard.get(connection) ?? []).map(told),
    error: errors.get(connection) ?? '',
  }));
  for (const connection of connections) connection.destroy();
  server.close();
  return readings;
}

/** What a client makes of these bytes as the answer to `method`: interim responses, then the one. */
export async function nodeReadsResponses(inputs: readonly Buffer[], method: string): Promise<NodeReading[]> {
  let news = 0;
  const readings = inputs.map((bytes) => {
    const messages: Heard[] = [];
    const interims: NodeMessage[] = [];
    const outcome = { error: '' };
    let isSent = false;
    const connection = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
        if (isSent) return;
        isSent = true;
        connection.push(bytes);
        connection.push(null);
      },
    });
    const call = request({
      createConnection: () => connection,
      method,
      host: 'a.example',
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    call.maxHeadersCount = 0;
    call.on('information', ({ statusCode, httpVersionMinor, rawHeaders }) => {
      news++;
      interims.push(interim(statusCode, httpVersionMinor, rawHeaders));
    });
    call.on('response', (message) => void messages.push(hear(message, () => news++)));
    call.on('upgrade', ({ statusCode = 0, httpVersionMinor, rawHeaders }, socket) => {
      news++;
      interims.push(interim(statusCode, httpVersionMinor, rawHeaders));
      socket.destroy();
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      news++;
      outcome.error = error.code ?? error.message;
    });
    call.end();
    return { messages, interims, outcome, connection };
  });
  await quiet(() => news);
  return readings.map(({ messages, interims, outcome, connection }) => {
    connection.destroy();
    return { messages: [...interims, ...messages.map(told)], error: outcome.error };
  });
}

function hear(message: IncomingMessage, tell: () => void): Heard {
  const entry: Heard = { message, body: '' };
  tell();
  message.on('data', (chunk: Buffer) => {
    tell();
    entry.body += chunk.toString('latin1');
  });
  message.on('end', tell);
  message.on('error', tell);
  return entry;
}

function told({ message, body }: Heard): NodeMessage {
  return {
    method: message.method ?? '',
    url: message.url ?? '',
    status: message.statusCode ?? 0,
    minor: message.httpVersionMinor,
    fields: pairs(message.rawHeaders),
    body,
    trailers: pairs(message.rawTrailers),
    isComplete: message.complete,
  };
}

function interim(status: number, minor: number, rawHeaders: readonly string[]): NodeMessage {
  return {
    method: '',
    url: '',
    status,
    minor,
    fields: pairs(rawHeaders),
    body: '',
    trailers: [],
    isComplete: true,
  };
}

function pairs(raw: readonly string[]): Field[] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : []));
}

async function quiet(news: () => number): Promise<void> {
  let last = -1;
  for (let rounds = 0; rounds < QUIET_ROUNDS; rounds++) {
    if (news() !== last) rounds = 0;
    last = news();
    await setImmediate();
  }
}
