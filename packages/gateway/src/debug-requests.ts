import { DEBUG_FIELD, debugTokens } from './core/debug-token.ts';
import type { DecisionTrace } from './core/decision-trace.ts';
import type { Exchange, Reply } from './core/exchange.ts';
import type { Clock } from './core/ports.ts';
import { traceOf, watchRequest } from './watched-request.ts';

/** What traces need. */
export interface DebugPorts {
  readonly clock: Clock;
  readonly newTraceId: () => string;
  /** Gives a trace to the supervisor. */
  readonly hand: (trace: DecisionTrace) => void;
}

/** Answers requests that bring a token with their trace. */
export interface DebugRequests {
  /** Whether it brings a good one. Whatever it brings is taken out: services do not get it. */
  isAsked(exchange: Exchange): boolean;
  /** Watches it, and says in the reply under which name its trace can be had. */
  trace(exchange: Exchange, handle: () => Promise<Reply>): Promise<Reply>;
}

/** Traces requests with tokens of this secret; a few each second, because a trace costs more than a request. */
export function debugRequests(secret: string, { clock, newTraceId, hand }: DebugPorts): DebugRequests {
  const isGood = debugTokens(secret, clock);
  let second = 0;
  let traced = 0;

  const isAllowed = (): boolean => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) traced = 0;
    second = now;
    return ++traced <= MOST_A_SECOND;
  };

  return {
    isAsked: (exchange) => {
      const token = exchange.headers.get(DEBUG_FIELD);
      if (token === undefined) return false;
      exchange.headers.delete(DEBUG_FIELD);
      return isGood(token) && isAllowed();
    },
    trace: async (exchange, handle) => {
      const id = newTraceId();
      const headers = exchange.headers.share();
      const given = await watchRequest(exchange, handle);
      exchange.whenEnded(() => hand(traceOf(id, { exchange, headers }, given)));
      return { ...given.reply, headers: given.reply.headers.share().set('X-Turnpike-Trace-Id', id) };
    },
  };
}

/** Of one data thread. */
const MOST_A_SECOND = 10;
