import { collectBody } from '../../../core/collect-body.ts';
import { connectError } from '../../../core/connect-error.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Exchange, Reply } from '../../../core/exchange.ts';
import { HTTP_STATUS_OF_GRPC, type GrpcStatus } from '../../../core/grpc-status.ts';
import { Headers } from '../../../core/headers.ts';
import { varyBy } from '../../../core/http/vary.ts';
import { callStatus, completed, readReply } from '../call-reply.ts';
import { FrameReader, PREFIX_BYTES } from '../frames.ts';
import { keptFields, limitsOfReply } from '../grpc-call.ts';
import { gunzipped, gzipped, takesGzip } from './gzip.ts';
import { statusDetails } from './status-details.ts';

/** How a reply is written. */
export interface UnaryReplyPlan {
  readonly type: 'application/proto' | 'application/json';
  readonly messageBytes: number;
  /** What the client is given for the message of the service. Throws a `GatewayError`. */
  write(message: Buffer): Buffer;
}

const COMPRESSED = 1;
const UNIMPLEMENTED = 12;
const varyByCoding = varyBy('Accept-Encoding');

/** Fields of a call that are about gRPC, or that are said anew. */
const DROPPED: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-type',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-message',
  'grpc-status',
  'grpc-status-details-bin',
  'trailer',
]);

/** The reply to a unary request: the one message, or the error. Rejects when the service breaks off. */
export async function unaryReply(exchange: Exchange, reply: Reply, plan: UnaryReplyPlan): Promise<Reply> {
  const read = readReply(exchange, reply);
  if (read.kind === 'ended') {
    const status = read.status.code === 0 ? notOne(0) : read.status;
    return failed(reply, keptFields(read.trailers, DROPPED), status);
  }
  const { messages, trailers } = await collected(exchange, reply, plan.messageBytes);
  const status = callStatus(trailers, exchange.record);
  const headers = withTrailers(keptFields(read.headers, DROPPED), trailers);
  if (status.code !== 0) return failed(reply, headers, status);
  const [message] = messages;
  if (message === undefined || messages.length > 1) return failed(reply, headers, notOne(messages.length));
  const bytes = await plainBytes(message, read.headers.get('grpc-encoding'), plan.messageBytes);
  return succeeded(
    exchange,
    { ...reply, headers: headers.append('Content-Type', plan.type) },
    plan.write(bytes),
  );
}

/** A message and its flags. */
interface Framed {
  readonly flags: number;
  readonly bytes: Buffer;
}

interface Collected {
  readonly messages: readonly Framed[];
  readonly trailers: Headers;
}

async function collected(exchange: Exchange, reply: Reply, messageBytes: number): Promise<Collected> {
  const { bytes, body } = await collectBody(exchange, reply.body, messageBytes + PREFIX_BYTES);
  if (bytes === null) {
    if (typeof body === 'object') body?.cancel();
    throw new GatewayError('RESPONSE_TOO_LARGE', 'a message of the service is too large');
  }
  const messages: Framed[] = [];
  const reader = new FrameReader(limitsOfReply(messageBytes), (flags, message) => {
    messages.push({ flags, bytes: Buffer.from(message) });
  });
  reader.feed(Buffer.from(bytes, 'latin1'));
  reader.end();
  let trailers: Headers | null = null;
  if (typeof body === 'object' && body !== null) {
    body.readTo({
      write: () => 0,
      flush() {},
      end: (fields) => (trailers = fields),
      fail() {},
    });
  }
  return { messages, trailers: completed(trailers) };
}

async function plainBytes({ flags, bytes }: Framed, coding: string | undefined, messageBytes: number) {
  if ((flags & COMPRESSED) === 0) return bytes;
  if (coding === 'gzip') return gunzipped(bytes, limitsOfReply(messageBytes));
  throw new GatewayError(
    'UPSTREAM_INVALID',
    `a message in the coding ${coding ?? ''}, for which nobody asked`,
  );
}

function notOne(count: number): GrpcStatus {
  const message = `a unary call has one message, and the service answered with ${count === 0 ? 'none' : 'more'}`;
  return { code: UNIMPLEMENTED, message, details: null };
}

async function succeeded({ headers: request }: Exchange, reply: Reply, bytes: Buffer): Promise<Reply> {
  const { headers } = reply;
  varyByCoding(headers);
  const compressed = takesGzip(request.getList('accept-encoding')) ? await gzipped(bytes) : null;
  if (compressed !== null) headers.append('Content-Encoding', 'gzip');
  return { ...reply, status: 200, headers, body: (compressed ?? bytes).toString('latin1') };
}

function failed(reply: Reply, headers: Headers, { code, message, details }: GrpcStatus): Reply {
  const json = JSON.stringify(connectError(code, message, statusDetails(details)));
  headers.append('Content-Type', 'application/json');
  const status = HTTP_STATUS_OF_GRPC[code] ?? 500;
  return { ...reply, status, headers, body: Buffer.from(json).toString('latin1') };
}

/** A unary reply has no trailers of its own: they are fields with another name. */
function withTrailers(headers: Headers, trailers: Headers): Headers {
  for (const [i, { lower, spelling }] of trailers.names.entries()) {
    if (!DROPPED.has(lower)) headers.append(`Trailer-${spelling}`, trailers.values[i] ?? '');
  }
  return headers;
}
