import type { FallbackConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import { rememberRequest, type RequestAsItWas } from './request-as-it-was.ts';

/** What the stage works with. */
export interface FallbackPorts {
  /** Answers in place of the service. */
  readonly answer: Handler;
  readonly decisions: DecisionsOf;
}

/**
 * Answers when the service does not: it cannot be reached, it does not answer, its breaker is open, it has too much to do, or it
 * answers like a gateway that has nobody behind it. A request that nobody waits for any more gets no other answer.
 *
 * Another service gets the request as the first would have got it. That needs a body that can be sent again, or of which
 * nothing was sent yet; otherwise what failed has failed.
 */
export function fallback(
  config: FallbackConfig | null,
  { answer, decisions }: FallbackPorts,
): Wrapper | null {
  if (config === null) return null;
  const count = decisions('fallback');
  const isReport = config.mode === 'report';
  const isOtherService = config.kind === 'service';

  /** Whether it may answer instead; counts that. */
  function mayAnswer(reason: ErrorCode | number, request: RequestAsItWas | null): boolean {
    if (isReport) count.reported(String(reason));
    else if (request?.isSpent === true) count.failed('body-sent');
    else count.denied(String(reason));
    return !isReport && request?.isSpent !== true;
  }

  function answerInstead(
    exchange: Exchange,
    reason: ErrorCode | number,
    request: RequestAsItWas | null,
  ): Promise<Reply> {
    exchange.record.fallbackFor = reason;
    request?.restore();
    return answer(exchange);
  }

  return (next) => async (exchange) => {
    const request = isOtherService ? rememberRequest(exchange) : null;
    let reply: Reply;
    try {
      reply = await next(exchange);
    } catch (error) {
      const reason = reasonOfError(error, exchange);
      if (reason === null || !mayAnswer(reason, request)) throw error;
      return answerInstead(exchange, reason, request);
    }
    const reason = reasonOfReply(reply);
    if (reason === null || !mayAnswer(reason, request)) return reply;
    exchange.dropReply(reply);
    return answerInstead(exchange, reason, request);
  };
}

function reasonOfError(error: unknown, { cancelled }: Exchange): ErrorCode | null {
  return error instanceof GatewayError && cancelled === null && NO_ANSWER.has(error.code) ? error.code : null;
}

function reasonOfReply({ status, code }: Reply): ErrorCode | number | null {
  const isLikeGateway = status >= 502 && status <= 504;
  if (code === '') return isLikeGateway ? status : null;
  if (code === 'FAULT_INJECTED') return isLikeGateway ? code : null;
  return NO_ANSWER.has(code) ? code : null;
}

const NO_ANSWER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
  'UPSTREAM_TLS_FAILED',
  'UPSTREAM_CERTIFICATE',
  'UPSTREAM_RESET',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID',
  'UPSTREAM_INCOMPLETE',
  'NO_ENDPOINT',
  'BREAKER_OPEN',
  'OVERLOADED',
  'CONNECTION_LIMIT',
]);
