import { constants, type ClientHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TestContext } from 'node:test';
import { startPlane, type Plane } from '@turnpike/testkit';
import { upstream } from '../http2/fixture.ts';
import { ask, http2Client, read, type Http2Response } from '../wire/http2-client.ts';

/** What a test says of its gateway besides the defaults: one gRPC service, one route for everything. */
export interface GrpcPlan {
  /** What the service does with each call. */
  readonly serve: (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void;
  readonly service?: object;
  readonly route?: object;
  readonly listener?: object;
  /** Of the files that the document names, by path. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** A gateway before a service of HTTP/2 that does as it is told, and a client; all of it ends with the test. */
export interface GrpcRig {
  readonly plane: Plane;
  readonly session: ClientHttp2Session;
  /** A call whose messages are all there. */
  call(path: string, messages: readonly Buffer[], fields?: Record<string, string>): Promise<Called>;
}

/** What became of a call. */
export interface Called extends Http2Response {
  /** From the head or the trailers. */
  readonly grpcStatus: number;
}

/** Starts all three. */
export async function grpcGateway(t: TestContext, plan: GrpcPlan): Promise<GrpcRig> {
  const { port } = await upstream(t, plan.serve);
  const document = {
    listeners: { web: { address: '127.0.0.1:0', ...plan.listener } },
    services: { main: { endpoints: [`grpc://127.0.0.1:${port}`], outlierDetection: 'off', ...plan.service } },
    routes: { main: { match: { path: '/*' }, service: 'main', ...plan.route } },
  };
  const plane = await startPlane(document, plan.texts);
  t.after(() => plane.close());
  const session = await http2Client(t, plane.port);
  return {
    plane,
    session,
    async call(path, messages, fields = {}) {
      const stream = ask(session, callFields(path, fields), null);
      for (const message of messages) stream.write(message);
      stream.end();
      return called(await read(stream));
    },
  };
}

/** The fields of a call. */
export function callFields(path: string, fields: Record<string, string> = {}): Record<string, string> {
  return { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...fields };
}

/** Reads the status of a call. */
export function called(response: Http2Response): Called {
  const status = response.trailers?.['grpc-status'] ?? response.headers['grpc-status'] ?? -1;
  return { ...response, grpcStatus: Number(status) };
}

/** A message with its prefix. */
export function message(bytes: Uint8Array | number, flags = 0): Buffer {
  const payload = typeof bytes === 'number' ? Buffer.alloc(bytes, 'm') : bytes;
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

/** Answers with messages, and trailers after them. */
export function answerWith(
  stream: ServerHttp2Stream,
  messages: readonly Buffer[],
  trailers: Record<string, string> = { 'grpc-status': '0' },
): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  for (const one of messages) stream.write(one);
  stream.end();
}

/** Answers with nothing but a status. */
export function endWith(stream: ServerHttp2Stream, status: number): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) },
    { endStream: true },
  );
  stream.close(constants.NGHTTP2_NO_ERROR);
}
