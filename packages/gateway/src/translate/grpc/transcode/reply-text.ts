import { GatewayError } from '../../../core/errors.ts';
import { MessageFault } from '../../../core/grpc-schema.ts';
import type { Binding, ReplyRule } from './binding.ts';
import { HTTP_BODY, readHttpBody, type RawBody } from './http-body.ts';
import { wireFields } from './wire-fields.ts';

/** The JSON of a reply: of the message, or of the field that the binding wants. */
export function replyJson({ reply, method }: Binding, message: Buffer): string {
  const { output } = method;
  const json = expected(output.typeName, () => output.toJson(message));
  return reply.kind === 'field' ? fieldJson(json, reply) : json;
}

/** A reply of any media type. */
export function replyRaw(reply: Extract<ReplyRule, { kind: 'raw' }>, message: Buffer): RawBody {
  return expected(HTTP_BODY, () => {
    if (reply.number === 0) return readHttpBody(message);
    const found = wireFields(message).filter(({ number }) => number === reply.number);
    // A message that is written in pieces is the pieces one after the other.
    return readHttpBody(Buffer.concat(found.map(({ bytes }) => bytes)));
  });
}

/** What is no message is the fault of the service. */
function expected<T>(typeName: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MessageFault)) throw error;
    throw new GatewayError('UPSTREAM_INVALID', `the service sent no ${typeName}`, { cause: error });
  }
}

/** ProtoJSON has no number that is more exact than one of JavaScript, so that nothing is lost here. */
function fieldJson(json: string, { jsonName, missing }: Extract<ReplyRule, { kind: 'field' }>): string {
  const message = JSON.parse(json) as Readonly<Record<string, unknown>>;
  return Object.hasOwn(message, jsonName) ? JSON.stringify(message[jsonName]) : missing;
}
