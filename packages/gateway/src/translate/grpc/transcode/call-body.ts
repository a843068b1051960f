import { type Body, isWhole } from '../../../core/body.ts';
import { collectBody } from '../../../core/collect-body.ts';
import type { Exchange, Reply } from '../../../core/exchange.ts';
import { MessageFault } from '../../../core/grpc-schema.ts';
import { isContentCoded } from '../../../core/http/content-coding.ts';
import { frame } from '../frames.ts';
import type { Binding } from './binding.ts';
import { bodyTypeOf, type BodyType } from './body-type.ts';
import { messagesOf } from './call-stream.ts';
import { codedBody, invalidBody, largeBody, unsupportedBody, unwantedBody } from './refusals.ts';
import { encodeJson, rawMessageOf } from './request-message.ts';

/** The body of a call, or why there is none. */
export type CallBody =
  | { readonly kind: 'call'; readonly body: Body }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** What the body of a call is made of. */
export interface CallPlan {
  readonly binding: Binding;
  /** What the path and the query say. */
  readonly fields: Uint8Array;
  readonly messageBytes: number;
}

/** Makes the messages of a call of the body of a request. One that is a single message can be sent again. */
export async function callBody(exchange: Exchange, plan: CallPlan): Promise<CallBody> {
  const { body } = exchange;
  const { binding } = plan;
  if (body === null || body === '') return called(bodiless(plan));
  if (binding.body.kind === 'none') return refused(unwantedBody(exchange));
  if (isContentCoded(exchange.headers)) return refused(codedBody(exchange));
  const type = bodyTypeOf(exchange.headers.get('content-type'));
  if (!takes(binding, type)) return refused(unsupportedBody(exchange, acceptOf(binding)));
  if (binding.method.clientStreaming) return called(messagesOf(exchange, body, { ...plan, type }));
  const { bytes, body: collected } = await collectBody(exchange, body, plan.messageBytes);
  exchange.body = collected;
  if (bytes !== null) return oneMessage(exchange, plan, bytes);
  if (!isWhole(collected)) collected.cancel();
  return refused(largeBody(exchange));
}

function oneMessage(exchange: Exchange, plan: CallPlan, bytes: string): CallBody {
  const { binding, fields } = plan;
  const data = Buffer.from(bytes, 'latin1');
  if (binding.body.kind === 'raw') {
    const contentType = exchange.headers.get('content-type') ?? '';
    return called(framed(rawMessageOf(binding, { contentType, data }, fields)));
  }
  try {
    return called(framed(encodeJson(binding, data, fields)));
  } catch (error) {
    if (error instanceof MessageFault) return refused(invalidBody(exchange, error));
    throw error;
  }
}

/** A stream without a body has no messages, unless its one message is in the path and the query; any other call has one. */
function bodiless({ binding, fields }: CallPlan): Body {
  const hasNone = binding.method.clientStreaming && binding.body.kind !== 'none' && fields.length === 0;
  return hasNone ? null : framed(fields);
}

function takes({ body, method }: Binding, type: BodyType): boolean {
  return body.kind === 'raw' || type === 'json' || (type === 'lines' && method.clientStreaming);
}

function acceptOf({ method }: Binding): string {
  return method.clientStreaming ? 'application/json, application/x-ndjson' : 'application/json';
}

function framed(message: Uint8Array): string {
  return frame(0, message).toString('latin1');
}

function called(body: Body): CallBody {
  return { kind: 'call', body };
}

function refused(reply: Reply): CallBody {
  return { kind: 'refused', reply };
}
