import type { GrpcTranscodeConfig } from '@turnpike/config';
import type { Exchange, Reply } from '../../../core/exchange.ts';
import type { GrpcStatus } from '../../../core/grpc-status.ts';
import { varyBy } from '../../../core/http/vary.ts';
import type { Binding } from './binding.ts';
import { replyHeaders } from './grpc-headers.ts';
import { grpcErrorJson, grpcProblem } from './grpc-problem.ts';
import { messageDecoder } from './message-coding.ts';
import { outcomeOf } from './outcome.ts';
import { ReplyStream, type StreamWriter } from './reply-stream.ts';
import { replyJson, replyRaw } from './reply-text.ts';
import { streamFormOf, type StreamForm } from './stream-form.ts';
import { mediaTypeOf } from './unary-reply.ts';

/** How the reply to a call with many messages is written. */
export interface StreamReplyPlan {
  readonly binding: Binding;
  readonly messageBytes: number;
  readonly streamAs: GrpcTranscodeConfig['streamAs'];
  /** Of the client. */
  readonly accept: string | undefined;
}

/** A writer that knows its media type, at the latest after the first message. */
interface TypedWriter extends StreamWriter {
  readonly contentType: () => string;
}

const OK = 0;
const varyByAccept = varyBy('Accept');

/**
 * The reply to a call with many messages. It begins with the first of them, so that a call that fails before has a status and a
 * problem; but events begin at once, because whoever listens may listen for long, and so do calls that go both ways, where the
 * service may wait for the client.
 */
export async function streamReply(exchange: Exchange, reply: Reply, plan: StreamReplyPlan): Promise<Reply> {
  const { binding, messageBytes } = plan;
  const outcome = outcomeOf(exchange, reply);
  const form = streamFormOf(plan.accept, plan.streamAs);
  const headers = replyHeaders(reply.headers, form.contentType);
  varyByAccept(headers);
  if (outcome.kind === 'ended' && outcome.status.code !== OK)
    return grpcProblem(exchange.id, outcome.status, headers);
  if (form.contentType === 'text/event-stream')
    headers.set('Cache-Control', 'no-cache').set('X-Accel-Buffering', 'no');
  if (outcome.kind === 'ended') return { ...reply, headers, body: form.opening + form.closing };
  const { body: source } = outcome;
  if (exchange.method === 'HEAD') {
    source.cancel();
    return { ...reply, headers, body: null };
  }
  const isRaw = binding.reply.kind === 'raw';
  const writer = isRaw ? rawWriter(binding) : jsonWriter(binding, form);
  const decode = messageDecoder(reply.headers, messageBytes);
  const stream = new ReplyStream({ exchange, source, writer, maxBytes: messageBytes, decode });
  const beginsAtOnce = !isRaw && (form.contentType === 'text/event-stream' || binding.method.clientStreaming);
  const failed = beginsAtOnce ? null : failureOf(await stream.first());
  if (failed !== null) return grpcProblem(exchange.id, failed, headers);
  headers.set('Content-Type', writer.contentType());
  return { ...reply, headers, body: stream };
}

function failureOf(status: GrpcStatus | null): GrpcStatus | null {
  return status === null || status.code === OK ? null : status;
}

function jsonWriter(binding: Binding, form: StreamForm): TypedWriter {
  let before = form.opening;
  return {
    contentType: () => form.contentType,
    message(message) {
      const bytes = Buffer.from(before + form.message(replyJson(binding, message)));
      before = form.between;
      return bytes;
    },
    closing: () => (before === form.opening ? before : '') + form.closing,
    failure: (status) => form.failure(grpcErrorJson(status)),
  };
}

/** Pieces of `google.api.HttpBody`: the first says what all of them are. */
function rawWriter({ reply }: Binding): TypedWriter {
  let type: string | null = null;
  return {
    contentType: () => mediaTypeOf(type ?? ''),
    message(message) {
      if (reply.kind !== 'raw') throw new TypeError('Not a reply of bytes');
      const { contentType, data } = replyRaw(reply, message);
      type ??= contentType;
      return Buffer.from(data);
    },
    closing: () => '',
    failure: () => null,
  };
}
