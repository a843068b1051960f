import { readFileSync } from 'node:fs';
import type { GrpcTranscodeConfig } from '@turnpike/config';
import { openDescriptors } from '@turnpike/config/descriptors';
import { BodyOfReads, CollectedBody } from '../../../core/body-testing.ts';
import type { Body, BodySink, BodySource } from '../../../core/body.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../../core/exchange.ts';
import { exchangeFrom } from '../../../core/exchange-testing.ts';
import type { GrpcSchemas, MessageCodec } from '../../../core/grpc-schema.ts';
import { Headers, headersOf } from '../../../core/headers.ts';
import { frame, FrameReader } from '../frames.ts';
import { grpcSchemaOf } from '../schema/grpc-schema.ts';
import { transcode } from './transcode.ts';

/** The descriptors of `fixtures/library.proto`, which `buf build` made of it. */
const DESCRIPTORS = openDescriptors(readFileSync(new URL('fixtures/library.binpb', import.meta.url)));

const schemaOf = grpcSchemaOf(DESCRIPTORS);

/** The schemas of a service that has the library. */
export const LIBRARY: GrpcSchemas = {
  of: (_, json) => schemaOf(json),
  isAwaited: () => false,
};

/** A codec of a message or of one of the methods of the library. */
export function methodOf(name: string) {
  const method = schemaOf().method(`/library.v1.Library/${name}`);
  if (method === undefined) throw new Error(`The library has no ${name}`);
  return method;
}

export const CONFIG: GrpcTranscodeConfig = {
  kind: 'grpc-transcode',
  unknownQuery: 'refuse',
  ignoredQuery: [],
  unknownFields: 'refuse',
  emitDefaults: false,
  messageBytes: 10_000,
  streamAs: 'array',
  rules: [],
};

/** What a client sends. */
export interface Request {
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Body | object;
  readonly path?: string;
}

/** What the service was called with, and what the client got. */
export interface Answered {
  readonly reply: Reply;
  /** Null: it was not called. */
  readonly call: Call | null;
  readonly exchange: Exchange;
}

/** A call as the service sees it. */
export interface Call {
  readonly path: string;
  readonly method: string;
  readonly query: string;
  readonly fields: string;
  readonly body: Body;
}

/** A service that answers each call with these messages and this status. */
export function serviceOf(
  messages: readonly Uint8Array[],
  status: readonly (readonly [string, string])[] = [['grpc-status', '0']],
  metadata: readonly (readonly [string, string])[] = [],
): Handler {
  return async () =>
    replyOf(
      new TrailedBody(
        messages.map((message) => frame(0, message)),
        headersOf(...status),
      ),
      metadata,
    );
}

/** The head of a reply of gRPC. */
export function replyOf(body: Body, metadata: readonly (readonly [string, string])[] = []): Reply {
  const headers = headersOf(['content-type', 'application/grpc'], ...metadata);
  return { status: 200, headers, body, code: '', tunnel: null };
}

/** Bytes of a message of the library, from its JSON. */
export function bytesOf(codec: MessageCodec, json: object): Uint8Array {
  return codec.fromJson(JSON.stringify(json));
}

/** Sends requests to a service through the stage. */
export function rig(
  config: Partial<GrpcTranscodeConfig> = {},
  service: Handler = serviceOf([new Uint8Array(0)]),
) {
  const warnings: object[] = [];
  const log = {
    debug() {},
    info() {},
    error() {},
    warn: (_: string, fields?: object) => void warnings.push(fields ?? {}),
  };
  const wrap = transcode({ ...CONFIG, ...config }, { service: 'library', schemas: LIBRARY, log });
  let call: Call | null = null;
  const handle = wrap((exchange) => {
    const { targetPath, targetMethod, targetQuery, headers, body } = exchange;
    call = {
      path: targetPath,
      method: targetMethod,
      query: targetQuery,
      fields: headers.endToEndLines(),
      body,
    };
    return service(exchange);
  });

  async function ask(line: string, { headers = [], body = null }: Request = {}): Promise<Answered> {
    call = null;
    const [method = '', target = ''] = line.split(' ');
    const question = target.indexOf('?');
    const path = question === -1 ? target : target.slice(0, question);
    const isJson = body !== null && typeof body === 'object' && !('readTo' in body);
    const exchange = exchangeFrom({
      method,
      path,
      query: question === -1 ? '' : target.slice(question),
      headers: headersOf(...(isJson ? [['Content-Type', 'application/json'] as const] : []), ...headers),
      body: isJson ? Buffer.from(JSON.stringify(body)).toString('latin1') : body,
    });
    return { reply: await handle(exchange), call, exchange };
  }

  /** The JSON of the message with which a method was called, or `status detail …` of a refusal. */
  async function message(line: string, request: Request = {}): Promise<unknown> {
    const { reply, call: seen } = await ask(line, request);
    if (seen === null) return refusalOf(reply);
    const method = schemaOf().method(seen.path);
    const [bytes] = framesOf(Buffer.from(String(seen.body), 'latin1'));
    return method === undefined || bytes === undefined
      ? 'no message'
      : { [method.name]: JSON.parse(method.input.toJson(bytes)) as unknown };
  }

  return { ask, message, warnings, handle };
}

/** `400 INVALID_REQUEST: query page_size is not …`. */
export function refusalOf({ status, body }: Reply): string {
  const problem = JSON.parse(String(body)) as {
    readonly code: string;
    readonly detail?: string;
    readonly errors?: readonly Readonly<Record<string, string>>[];
  };
  const told = (problem.errors ?? []).map(
    ({ in: place, parameter, pointer, keyword }) => `${place} ${parameter ?? pointer} ${keyword}`,
  );
  return [`${status} ${problem.code}`, ...told].join(': ');
}

/** The messages of a body. */
export function framesOf(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  const limits = { messageBytes: 1_000_000, tooLarge: 'INTERNAL', incomplete: 'INTERNAL' } as const;
  const reader = new FrameReader(limits, (_, message) => messages.push(Buffer.from(message)));
  reader.feed(bytes);
  reader.end();
  return messages;
}

/** All of a body as text, or the error with which it broke off. */
export async function textOfBody(body: Body): Promise<string> {
  if (body === null || typeof body === 'string') return Buffer.from(body ?? '', 'latin1').toString();
  const sink = new CollectedBody();
  body.readTo(sink);
  const ending = await sink.ended;
  return sink.bytes.toString() + (ending instanceof GatewayError ? ` ${ending.code}` : '');
}

/** A body in pieces, with trailers after them; the next piece comes when it is asked for after a `FULL`. */
export class TrailedBody implements BodySource {
  readonly length = -1;
  isCancelled = false;
  readonly #inner: BodyOfReads;
  readonly #trailers: Headers | null;

  constructor(pieces: readonly Buffer[], trailers: Headers | null) {
    this.#inner = new BodyOfReads(...pieces.map((piece) => [piece]));
    this.#trailers = trailers;
  }

  /** Pieces that were not taken. */
  get left(): number {
    return this.#inner.left;
  }

  readTo(sink: BodySink): void {
    const trailers = this.#trailers;
    this.#inner.readTo({
      write: (chunk) => sink.write(chunk),
      flush: () => sink.flush(),
      end: () => sink.end(trailers),
      fail: (error) => sink.fail(error),
    });
  }

  resume(): void {
    this.#inner.resume();
  }

  cancel(): void {
    this.isCancelled = true;
    this.#inner.cancel();
  }
}
