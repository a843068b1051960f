import type { Violation } from '@turnpike/config/validation';
import { UNKNOWN_YET } from '../unknown-yet.ts';
import type { Exchange, Reply } from '../../../core/exchange.ts';
import { MessageFault } from '../../../core/grpc-schema.ts';
import { refuse } from '../../../core/problem.ts';

const RULE = 'translate';
/** Names in a body are the client's, and may be long. */
const MAX_POINTER_LENGTH = 256;

/** The request is not what the method takes, and why. */
export function invalid(exchange: Exchange, violations: readonly Violation[]): Reply {
  const errors = violations.map((violation) => ({ ...violation }));
  return refuse(exchange, 'INVALID_REQUEST', { rule: RULE, members: { errors } });
}

/** The body is not the message that the method takes. */
export function invalidBody(exchange: Exchange, fault: MessageFault): Reply {
  const pointer = fault.pointer.slice(0, MAX_POINTER_LENGTH).toWellFormed();
  const where = `#${encodeURI(pointer).replaceAll('#', '%23')}`;
  return invalid(exchange, [{ detail: fault.message, in: 'body', pointer: where, keyword: 'type' }]);
}

/** No method of the service has this path. */
export function unknownPath(exchange: Exchange): Reply {
  return refuse(exchange, 'NO_ROUTE', { rule: RULE, detail: 'No method of the service has this path' });
}

/** Methods of the service have this path, but for other methods of HTTP. */
export function unknownMethod(exchange: Exchange, allow: string): Reply {
  return refuse(exchange, 'METHOD_NOT_ALLOWED', { rule: RULE, fields: [['Allow', allow]] });
}

/** Nothing is known of the methods of the service yet. */
export function unknownSchema(exchange: Exchange): Reply {
  return refuse(exchange, 'NO_ENDPOINT', { rule: RULE, ...UNKNOWN_YET });
}

/** The method takes no body. */
export function unwantedBody(exchange: Exchange): Reply {
  return refuse(exchange, 'BODY_NOT_ALLOWED', { rule: RULE });
}

/** The body is more than one message may be. */
export function largeBody(exchange: Exchange): Reply {
  return refuse(exchange, 'BODY_TOO_LARGE', { rule: `${RULE}.messageSize` });
}

/** The body is of a type that no message can be made of. */
export function unsupportedBody(exchange: Exchange, accept: string): Reply {
  return refuse(exchange, 'UNSUPPORTED_MEDIA_TYPE', { rule: RULE, fields: [['Accept', accept]] });
}

/** The body would have to be decoded first (RFC 9110 §15.5.16). */
export function codedBody(exchange: Exchange): Reply {
  return refuse(exchange, 'UNSUPPORTED_MEDIA_TYPE', {
    rule: RULE,
    fields: [['Accept-Encoding', 'identity']],
  });
}
