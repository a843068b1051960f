import type { ValidateConfig } from '@turnpike/config';
import type { Operation } from '@turnpike/config/validation';
import { collectBody } from '../../core/collect-body.ts';
import type { Decisions } from '../../core/decisions.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import type { Log } from '../../core/ports.ts';
import { tapBody } from '../../core/tap-body.ts';
import { invalidResponse, refusal, type Complaint, type UNCHECKED_REASONS } from './complaint.ts';
import { examineResponse } from './examine-response.ts';
import { tellOnce } from './tell-once.ts';

/** Answers a request of an operation; null: of none that is described. */
export type Serve = (exchange: Exchange, operation: Operation | null) => Promise<Reply>;

/** What checked responses reach the world through. */
export interface ResponsePorts {
  readonly decisions: Decisions;
  readonly log: Log;
}

/**
 * Looks at responses of the service: those that are not as described are counted and logged, and where that is enforced the
 * client gets a 502 in their place. What Turnpike answers by itself is not looked at.
 *
 * Compressed bodies, and those that are larger than what is collected, pass and are counted.
 */
export function checkedResponses(
  { responses, mode, bodyBytes }: ValidateConfig,
  route: string,
  { decisions, log }: ResponsePorts,
): (next: Handler) => Serve {
  if (responses === 'off') return (next) => (exchange) => next(exchange);
  const tell = tellOnce(log, route);
  const isEnforced = responses === 'enforce' && mode === 'on';
  const judge = (isEnforced ? enforcing : reporting)({
    bodyBytes,
    passed: (reason) => decisions.failed(reason),
    complain(status, complaint) {
      if (isEnforced) decisions.denied(complaint.reason);
      else decisions.reported(complaint.reason);
      tell(status, complaint);
    },
  });

  return (next) => async (exchange, operation) => {
    const reply = await next(exchange);
    const isOurs = reply.code !== '' || reply.tunnel !== null;
    return operation === null || isOurs ? reply : judge(exchange, reply, operation);
  };
}

/** What comes of a response. */
type Judge = (exchange: Exchange, reply: Reply, operation: Operation) => Promise<Reply>;

interface Judgement {
  readonly bodyBytes: number;
  /** A body could not be looked into. */
  readonly passed: (reason: (typeof UNCHECKED_REASONS)[number]) => void;
  readonly complain: (status: number, complaint: Complaint) => void;
}

function enforcing({ bodyBytes, passed, complain }: Judgement): Judge {
  const refuse = (exchange: Exchange, reply: Reply, complaint: Complaint): Reply => {
    complain(reply.status, complaint);
    if (typeof reply.body === 'object') reply.body?.cancel();
    return refusal(exchange, complaint);
  };

  return async (exchange, reply, operation) => {
    const { complaint, checkBody, isCoded } = examineResponse(exchange, reply, operation);
    if (isCoded) passed('response-coding');
    if (complaint !== null) return refuse(exchange, reply, complaint);
    if (checkBody === null) return reply;
    const { bytes, body } = await collectBody(exchange, reply.body, bodyBytes);
    const whole = { ...reply, body };
    if (bytes === null) passed('response-bytes');
    const violations = bytes === null ? [] : checkBody(bytes);
    return violations.length === 0
      ? whole
      : refuse(exchange, whole, invalidResponse('response-body', violations));
  };
}

/** Nothing waits, and no byte changes: a body is copied on its way, and looked at when it is complete. */
function reporting({ bodyBytes, passed, complain }: Judgement): Judge {
  return (exchange, reply, operation) => {
    const { complaint, checkBody, isCoded } = examineResponse(exchange, reply, operation);
    if (isCoded) passed('response-coding');
    if (complaint !== null) complain(reply.status, complaint);
    if (checkBody === null) return Promise.resolve(reply);
    const look = (bytes: string | null): void => {
      if (bytes === null) return passed('response-bytes');
      const violations = checkBody(bytes);
      if (violations.length > 0) complain(reply.status, invalidResponse('response-body', violations));
    };
    const { body } = reply;
    if (body !== null && typeof body === 'object')
      return Promise.resolve({ ...reply, body: tapBody(body, bodyBytes, look) });
    look(body !== null && body.length > bodyBytes ? null : (body ?? ''));
    return Promise.resolve(reply);
  };
}
