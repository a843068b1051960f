import type { Body } from '../../../core/body.ts';
import { connectForm } from '../../../core/connect-refusal.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../../core/exchange.ts';
import type { GrpcMethod, MessageCodec } from '../../../core/grpc-schema.ts';
import type { Headers } from '../../../core/headers.ts';
import { refuse } from '../../../core/problem.ts';
import { askTranslated } from '../../../core/translated-call.ts';
import { readReply, untilCancelled } from '../call-reply.ts';
import { callFields, keptFields, limitsOfReply, limitsOfRequest } from '../grpc-call.ts';
import { recodingPassage, samePassage, type Passage } from '../passage.ts';
import { UNKNOWN_YET } from '../unknown-yet.ts';
import { NO_ENDING, PassingBody, passWhole } from '../passing-body.ts';
import type { ConnectPlan, ConnectPorts } from './connect-plan.ts';
import { bytesOfJson, jsonOfBytes } from './message-text.ts';
import { streamEnd, streamEnding } from './stream-end.ts';

const COMPRESSED = 1;

/** Fields of a request that say nothing to a gRPC service, or that are said anew. */
const DROPPED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connect-accept-encoding',
  'connect-content-encoding',
  'connect-protocol-version',
  'connect-timeout-ms',
  'content-encoding',
  'content-type',
  'grpc-accept-encoding',
  'grpc-encoding',
  'te',
]);
/** The same of a reply. */
const DROPPED_OF_REPLY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-type',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-message',
  'grpc-status',
  'grpc-status-details-bin',
  'trailer',
]);

/** What becomes of the messages of one call. */
interface Ways {
  readonly request: Passage;
  readonly reply: Passage;
  /** Whether messages stay as they are, also compressed ones. */
  readonly isSame: boolean;
}

/**
 * Streams of Connect as streams of gRPC (Connect protocol, "Streaming RPCs"). Their messages are framed alike: written as
 * protobuf they go on as they are, also compressed; as JSON each is written anew. The last one says how the call ended.
 */
export function connectStreaming(
  plan: ConnectPlan,
  { schema, isAwaited }: ConnectPorts,
): (next: Handler) => Handler {
  return (next) => async (exchange) => {
    const { method: httpMethod, headers, targetPath } = exchange;
    if (httpMethod !== 'POST') return refuse(exchange, 'METHOD_NOT_ALLOWED', { fields: [['Allow', 'POST']] });
    const isJson = connectForm(exchange) === 'application/connect+json';
    const known = schema();
    const method = known?.method(targetPath) ?? null;
    if (known !== null && method === null) return refuse(exchange, 'NO_ROUTE', { detail: NO_METHOD });
    if (isJson && known === null && isAwaited()) return refuse(exchange, 'NO_ENDPOINT', UNKNOWN_YET);
    if (isJson && method === null) return refuse(exchange, 'UNSUPPORTED_MEDIA_TYPE', { detail: NO_JSON });
    if (isJson && isCompressed(headers)) return refuse(exchange, 'NOT_IMPLEMENTED', { detail: NO_CODING });
    const ways = isJson && method !== null ? jsonWays(method, plan) : sameWays(plan);
    const call = {
      headers: requestFields(headers, ways),
      body: requestBody(exchange.body, ways.request),
    };
    return streamReply(exchange, await askTranslated(exchange, call, next), ways);
  };
}

function sameWays({ messageBytes }: ConnectPlan): Ways {
  return {
    request: samePassage(limitsOfRequest(messageBytes)),
    reply: samePassage(limitsOfReply(messageBytes)),
    isSame: true,
  };
}

function jsonWays({ input, output }: GrpcMethod, { messageBytes }: ConnectPlan): Ways {
  return {
    request: recodingPassage(limitsOfRequest(messageBytes), requestRecoding(input)),
    reply: recodingPassage(limitsOfReply(messageBytes), replyRecoding(output)),
    isSame: false,
  };
}

function requestRecoding(codec: MessageCodec): (flags: number, message: Buffer) => Uint8Array {
  return (flags, message) => {
    if (flags === 0) return bytesOfJson(message, codec);
    const detail = flags === COMPRESSED ? NO_CODING : '';
    throw new GatewayError('INVALID_REQUEST', `a message with the flags ${flags}`, { detail });
  };
}

function replyRecoding(codec: MessageCodec): (flags: number, message: Buffer) => Uint8Array {
  return (flags, message) => {
    if (flags === 0) return jsonOfBytes(message, codec);
    throw new GatewayError('UPSTREAM_INVALID', `a message with the flags ${flags}, for which nobody asked`);
  };
}

function requestFields(request: Headers, { isSame }: Ways): Headers {
  const headers = callFields(request, 'application/grpc+proto', DROPPED);
  if (!isSame) return headers;
  const coding = request.get('connect-content-encoding');
  const accepted = request.getList('connect-accept-encoding');
  if (coding !== undefined) headers.append('grpc-encoding', coding);
  if (accepted !== undefined) headers.append('grpc-accept-encoding', accepted);
  return headers;
}

function requestBody(body: Body, passage: Passage): Body {
  if (body === null) return null;
  return typeof body === 'string' ? passWhole(body, passage) : new PassingBody(body, passage, NO_ENDING);
}

function streamReply(exchange: Exchange, reply: Reply, ways: Ways): Reply {
  const read = readReply(exchange, reply);
  const type = ways.isSame ? 'application/connect+proto' : 'application/connect+json';
  if (read.kind === 'ended') {
    const end = streamEnd(read.status, null);
    const headers = keptFields(read.trailers, DROPPED_OF_REPLY).append('Content-Type', type);
    return { ...reply, status: 200, headers, body: end.toString('latin1') };
  }
  const headers = keptFields(read.headers, DROPPED_OF_REPLY).append('Content-Type', type);
  const coding = read.headers.get('grpc-encoding');
  if (coding !== undefined && ways.isSame) headers.append('Connect-Content-Encoding', coding);
  const passing = new PassingBody(read.body, ways.reply, streamEnding(exchange.record));
  return { ...reply, headers, body: untilCancelled(exchange, passing) };
}

function isCompressed(headers: Headers): boolean {
  const coding = headers.get('connect-content-encoding');
  return coding !== undefined && coding.toLowerCase() !== 'identity';
}

const NO_METHOD = 'The service has no such method';
const NO_JSON =
  'JSON needs the descriptors of the service, which are not known here: send application/connect+proto';
const NO_CODING = 'Compressed messages are taken as protobuf only';
