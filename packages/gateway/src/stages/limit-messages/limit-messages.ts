import type { PoliciesConfig } from '@turnpike/config';
import { isWhole, type Body } from '../../core/body.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import { ERRORS, GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import { appendStatus, grpcMediaType } from '../../core/grpc-refusal.ts';
import { Headers } from '../../core/headers.ts';
import { refuse } from '../../core/problem.ts';
import { BoundedMessages, type MessageBound } from './bounded-messages.ts';
import { excessOf, MessageGate } from './message-gate.ts';

/** What the stage reaches the world through. */
export interface LimitMessagesPorts {
  readonly decisions: DecisionsOf;
}

/** What may be counted as denied. */
export const LIMIT_MESSAGES_REASONS = ['grpcMessageBytes'] as const;

const [REASON] = LIMIT_MESSAGES_REASONS;
const RULE = 'limits.grpcMessageBytes';

/**
 * Ends gRPC calls with RESOURCE_EXHAUSTED at a message that is too large, of either side, before a byte of it has gone on. Stands
 * inside of translations, so it holds for clients of every protocol. Messages are looked at on their way, as they are sent:
 * nothing is collected, and nothing decompressed.
 */
export function limitMessages(
  { grpcMessageBytes, limitsMode }: Pick<PoliciesConfig, 'grpcMessageBytes' | 'limitsMode'>,
  { decisions }: LimitMessagesPorts,
): Wrapper | null {
  if (grpcMessageBytes === null) return null;
  const maxBytes = grpcMessageBytes;
  const count = decisions('limits');

  /** Whether it is refused, and not only counted. */
  function isRefused(): boolean {
    if (limitsMode === 'report') count.reported(REASON);
    else count.denied(REASON);
    return limitsMode === 'on';
  }

  function bounded(body: Body, bound: MessageBound): Body {
    return isWhole(body) ? body : new BoundedMessages(body, new MessageGate(maxBytes), bound);
  }

  const isTooLarge = (body: Body): boolean =>
    typeof body === 'string' && excessOf(body, maxBytes) > 0 && isRefused();

  const ofRequest: MessageBound = {
    exceeded: (bytes) => (isRefused() ? tooLarge('BODY_TOO_LARGE', bytes) : null),
    trailersFor: () => null,
  };

  const ofReply = ({ record }: Exchange): MessageBound => ({
    exceeded: (bytes) => (isRefused() ? tooLarge('RESPONSE_TOO_LARGE', bytes) : null),
    trailersFor({ code }) {
      if (code !== 'BODY_TOO_LARGE' && code !== 'RESPONSE_TOO_LARGE') return null;
      record.code = code;
      record.grpcStatus = ERRORS[code].grpcStatus;
      return appendStatus(new Headers(), code);
    },
  });

  return (next) => async (exchange) => {
    if (!isGrpc(exchange.headers)) return next(exchange);
    if (isTooLarge(exchange.body)) return refuse(exchange, 'BODY_TOO_LARGE', { rule: RULE });
    exchange.body = bounded(exchange.body, ofRequest);
    const reply = await next(exchange);
    if (!isGrpc(reply.headers)) return reply;
    if (isTooLarge(reply.body)) return refuse(exchange, 'RESPONSE_TOO_LARGE', { rule: RULE });
    return withBody(reply, bounded(reply.body, ofReply(exchange)));
  };
}

function withBody(reply: Reply, body: Body): Reply {
  return body === reply.body ? reply : { ...reply, body };
}

function isGrpc(headers: Headers): boolean {
  return grpcMediaType(headers.get('content-type')) === 'application/grpc';
}

function tooLarge(code: ErrorCode, bytes: number): GatewayError {
  return new GatewayError(code, `a message of ${bytes} bytes`, { rule: RULE });
}
