import { TAKEN, type Body, type BodySink } from '../../core/body.ts';
import { ByteGatherer } from '../../core/byte-gatherer.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { MessageFault, type GrpcMethod, type GrpcSchema } from '../../core/grpc-schema.ts';
import { headersOf, type Headers } from '../../core/headers.ts';
import { isRecord, type JsonRecord } from '../../core/mcp/message.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { within } from './ask.ts';
import { breakdown, cut, failure, structuredResult, type ToolResult } from './results.ts';
import type { OwnTool } from './tool.ts';

/** Which methods, and what their tools are called. */
export interface GrpcToolPlan {
  /** Whether a method is wanted, by `package.Service/Method`. */
  readonly isChosen: (method: string) => boolean;
  readonly prefix: string;
  readonly resultBytes: number;
  readonly ownsCredentials: boolean;
}

/** What they work with. */
export interface GrpcToolPorts {
  readonly towards: Handler;
  readonly wheel: TimingWheel;
}

/** The largest message that is read (gRPC's own default). */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** The unary methods of a gRPC service as tools. Streams are none: a tool gives one answer. */
export function grpcTools(schema: GrpcSchema, plan: GrpcToolPlan, ports: GrpcToolPorts): OwnTool[] {
  return schema.methods
    .filter(({ clientStreaming, serverStreaming }) => !clientStreaming && !serverStreaming)
    .filter(({ service, name }) => plan.isChosen(`${service}/${name}`))
    .flatMap((method) => {
      const inputSchema = method.input.jsonSchema();
      return isRecord(inputSchema) && inputSchema['type'] === 'object'
        ? [grpcTool(method, inputSchema, { plan, ports })]
        : [];
    });
}

interface Means {
  readonly plan: GrpcToolPlan;
  readonly ports: GrpcToolPorts;
}

function grpcTool(method: GrpcMethod, inputSchema: JsonRecord, { plan, ports }: Means): OwnTool {
  const name = `${plan.prefix}${method.service.slice(method.service.lastIndexOf('.') + 1)}.${method.name}`;
  const annotations = {
    unknown: {},
    'no-side-effects': { readOnlyHint: true },
    idempotent: { idempotentHint: true },
  };
  const description =
    method.description === '' ? `Calls ${method.service}/${method.name}.` : method.description;
  const listing = { name, description, inputSchema, annotations: annotations[method.idempotency] };

  async function call(exchange: Exchange, args: JsonRecord): Promise<ToolResult> {
    try {
      const message = method.input.fromJson(JSON.stringify(args));
      const headers = headersOf(['Content-Type', 'application/grpc+proto'], ['TE', 'trailers']);
      const authorization = plan.ownsCredentials ? exchange.headers.get('authorization') : undefined;
      if (authorization !== undefined) headers.append('Authorization', authorization);
      const request = { method: 'POST', path: method.path, query: '', headers, body: framed(message) };
      return await within(exchange, request, ports.wheel.nowMs, async (own) =>
        resultOf(await answerOf(own, await ports.towards(own)), method, plan.resultBytes),
      );
    } catch (error) {
      if (error instanceof MessageFault)
        return failure(`The arguments are not what the tool takes: ${error.pointer} ${error.message}`);
      if (!(error instanceof GatewayError) || exchange.cancelled !== null) throw error;
      return breakdown(error, exchange.id);
    }
  }

  return { name, listing, call };
}

/** A message with its length in front (gRPC over HTTP/2, Length-Prefixed-Message). */
function framed(message: Uint8Array): string {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]).toString('latin1');
}

interface GrpcAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly trailers: Headers | null;
}

function answerOf(own: Exchange, { status, headers, body }: Reply): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    if (body === null || typeof body === 'string') {
      resolve({ status, headers, bytes: Buffer.from(body ?? '', 'latin1'), trailers: null });
      return;
    }
    own.whenCancelled({
      cancelled(code) {
        body.cancel();
        reject(new GatewayError(code, 'cancelled while a message was read'));
      },
    });
    body.readTo(gathering(body, (bytes, trailers) => resolve({ status, headers, bytes, trailers }), reject));
  });
}

function gathering(
  body: Exclude<Body, null | string>,
  done: (bytes: Buffer, trailers: Headers | null) => void,
  fail: (error: GatewayError) => void,
): BodySink {
  const gathered = new ByteGatherer();
  let isOver = false;
  return {
    write(chunk) {
      if (isOver) return TAKEN;
      gathered.add(chunk);
      if (gathered.length <= MAX_MESSAGE_BYTES) return TAKEN;
      isOver = true;
      body.cancel();
      fail(new GatewayError('UPSTREAM_INVALID', 'a message is larger than 4 MiB'));
      return TAKEN;
    },
    flush() {},
    end: (trailers) => done(gathered.bytes(), trailers),
    fail,
  };
}

function resultOf(
  { status, headers, bytes, trailers }: GrpcAnswer,
  { output }: GrpcMethod,
  maxBytes: number,
): ToolResult {
  const code = trailers?.get('grpc-status') ?? headers.get('grpc-status');
  if (status !== 200 || code === undefined)
    return failure(`The service answered with status ${status} and no status of gRPC.`);
  if (code !== '0') {
    const message = trailers?.get('grpc-message') ?? headers.get('grpc-message') ?? '';
    return failure(`The service answered with the gRPC status ${code}. ${decoded(message)}`.trim());
  }
  const isWhole = bytes.length >= 5 && bytes[0] === 0 && bytes.readUInt32BE(1) === bytes.length - 5;
  if (!isWhole) return failure('The answer of the service is not one message.');
  try {
    const text = output.toJson(bytes.subarray(5));
    if (Buffer.byteLength(text) > maxBytes) return cut(text, maxBytes, 'Ask for less.');
    const value: unknown = JSON.parse(text);
    return isRecord(value)
      ? structuredResult(value, text)
      : structuredResult({ value: value as string }, text);
  } catch (error) {
    if (error instanceof MessageFault) return failure('The answer of the service is not what its type says.');
    throw error;
  }
}

/** `grpc-message` is percent-encoded. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    // It was not encoded after all.
    return message;
  }
}
