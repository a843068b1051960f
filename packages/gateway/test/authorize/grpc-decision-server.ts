import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { eventually, within } from '@turnpike/testkit';
import { MessageWriter, readMessage, textOf } from '../../src/stages/authorize/external/message-fields.ts';

/** One question as the server sees it. */
export interface Check {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  /** The message, without the prefix. */
  readonly message: Buffer;
}

/** What a server does with a question. */
export type GrpcStep = (check: Check) => void;

/** A service that authorizes over gRPC, by a script. */
export interface GrpcDecisionServer {
  readonly url: string;
  readonly checks: readonly Check[];
  /** Connections made so far. */
  readonly connections: number;
  script(step: GrpcStep): void;
  /** The question with that number, once it is there. */
  check(index: number): Promise<Check>;
  /** Ends all connections, politely or not. */
  disconnect(how: 'goaway' | 'destroy'): void;
  close(): Promise<void>;
}

/** Starts one on a free port; `tls` has the key and the certificate of one that is asked over TLS. */
export async function grpcDecisionServer(
  first: GrpcStep,
  tls: { readonly key: string; readonly cert: string } | null = null,
): Promise<GrpcDecisionServer> {
  let step = first;
  let connections = 0;
  const checks: Check[] = [];
  const sessions = new Set<Http2Session>();
  const server = tls === null ? createServer() : createSecureServer(tls);
  server.on('session', (session) => {
    connections++;
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const check = { stream, headers, message: Buffer.concat(chunks).subarray(5) };
      checks.push(check);
      step(check);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: tls === null ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    checks,
    get connections() {
      return connections;
    },
    script(next) {
      step = next;
    },
    async check(index) {
      await eventually(() => checks.length > index, `question ${index}`);
      const found = checks[index];
      if (found === undefined) throw new Error('unreachable');
      return found;
    },
    disconnect(how) {
      for (const session of sessions) {
        if (how === 'goaway') session.goaway();
        else session.destroy();
      }
    },
    async close() {
      for (const session of sessions) session.destroy();
      server.close();
      await within(once(server, 'close'), 'the end of the server');
    },
  };
}

/** Answers with these bytes and this `grpc-status`. */
export function answerWith(
  bytes: Uint8Array,
  status = '0',
  fields: Readonly<Record<string, string>> = {},
): GrpcStep {
  return ({ stream }) => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', ...fields },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    stream.end(bytes);
  };
}

/** Answers with a `CheckResponse`. */
export function answerMessage(message: Uint8Array, fields: Readonly<Record<string, string>> = {}): GrpcStep {
  return answerWith(prefixed(message), '0', fields);
}

/** A message as it is framed. */
export function prefixed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

type Pairs = readonly (readonly [name: string, value: string])[];

function writeHeaders(writer: MessageWriter, field: number, headers: Pairs): void {
  for (const [name, value] of headers) writer.message(field, () => writer.entry(1, name, value));
}

/** A `CheckResponse` that allows. */
export function allowance(
  headers: Pairs = [],
  removed: readonly string[] = [],
  client: Pairs = [],
): Uint8Array {
  const writer = new MessageWriter();
  writer.message(1, () => {});
  writer.message(3, () => {
    writeHeaders(writer, 2, headers);
    for (const name of removed) writer.text(5, name);
    writeHeaders(writer, 6, client);
  });
  return writer.finish();
}

/** A `CheckResponse` that denies. */
export function denial(status: number, headers: Pairs = [], body = ''): Uint8Array {
  const writer = new MessageWriter();
  writer.message(1, () => writer.number(1, 7));
  writer.message(2, () => {
    writer.message(1, () => writer.number(1, status));
    writeHeaders(writer, 2, headers);
    writer.text(3, body);
  });
  return writer.finish();
}

/** A message as a tree: its texts and numbers, by the numbers of the fields that lead to them. */
export function textsOf(message: Uint8Array, paths: readonly string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const path of paths) {
    const values: string[] = [];
    follow(message, path.split('.').map(Number), values);
    found[path] = values;
  }
  return found;
}

function follow(message: Uint8Array, [field = 0, ...rest]: readonly number[], values: string[]): void {
  readMessage(message, {
    delimited: {
      [field]: (bytes) => {
        if (rest.length === 0) values.push(textOf(bytes));
        else follow(bytes, rest, values);
      },
    },
    varint: { [field]: (value) => void values.push(String(value)) },
  });
}
