import type { PoliciesConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Exchange, Wrapper } from '../../core/exchange.ts';
import { parameterCount } from '../../core/http/query.ts';
import { refuse } from '../../core/problem.ts';

/** What the stage reaches the world through. */
export interface LimitHeadPorts {
  readonly decisions: DecisionsOf;
}

/** What may be counted as denied. */
export const LIMIT_HEAD_REASONS = ['headerCount', 'queryCount'] as const;

/** Which limit of the route is passed, and what to answer. */
interface Excess {
  readonly reason: (typeof LIMIT_HEAD_REASONS)[number];
  readonly code: ErrorCode;
  readonly rule: string;
}

const TOO_MANY_HEADERS: Excess = {
  reason: 'headerCount',
  code: 'HEAD_TOO_LARGE',
  rule: 'limits.headerCount',
};

const TOO_MANY_PARAMETERS: Excess = {
  reason: 'queryCount',
  code: 'INVALID_REQUEST',
  rule: 'limits.queryCount',
};

/**
 * Refuses requests with more header fields or query parameters than the route takes. The limits of the listener have been
 * enforced before, so a route can only take fewer.
 */
export function limitHead(
  { headerCount, queryCount, limitsMode }: Pick<PoliciesConfig, 'headerCount' | 'queryCount' | 'limitsMode'>,
  { decisions }: LimitHeadPorts,
): Wrapper | null {
  if (headerCount === null && queryCount === null) return null;
  const maxHeaders = headerCount ?? Infinity;
  const maxParameters = queryCount ?? Infinity;
  const count = decisions('limits');

  return (next) => (exchange) => {
    const excess = excessOf(exchange, maxHeaders, maxParameters);
    if (excess === null) return next(exchange);
    if (limitsMode === 'report') {
      count.reported(excess.reason);
      return next(exchange);
    }
    count.denied(excess.reason);
    return Promise.resolve(refuse(exchange, excess.code, { rule: excess.rule }));
  };
}

function excessOf({ headers, query }: Exchange, maxHeaders: number, maxParameters: number): Excess | null {
  if (headers.size > maxHeaders) return TOO_MANY_HEADERS;
  return parameterCount(query) > maxParameters ? TOO_MANY_PARAMETERS : null;
}
