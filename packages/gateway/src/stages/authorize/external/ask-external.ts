import type { AuthorizeConfig, ExternalAuthorizationConfig } from '@turnpike/config';
import type { Decisions } from '../../../core/decisions.ts';
import type { Reply, Wrapper } from '../../../core/exchange.ts';
import { denial, instructClient, instructService, unavailable } from './apply-verdict.ts';
import type { DecisionPoint } from './decision-point.ts';
import { asking } from './question.ts';

/** What a route asks a decision point with. */
export interface ExternalPlan {
  readonly config: ExternalAuthorizationConfig;
  readonly mode: AuthorizeConfig['mode'];
  readonly route: string;
  readonly point: DecisionPoint;
  readonly decisions: Decisions;
  /** For a 401 that has none. */
  readonly challenges: readonly string[];
}

/** Asks a decision point, and does as it says. In report mode the question is asked all the same, and nothing follows. */
export function askExternal(plan: ExternalPlan): Wrapper {
  return plan.mode === 'on' ? obeying(plan) : reporting(plan);
}

function obeying({ config, route, point, decisions, challenges }: ExternalPlan): Wrapper {
  const { requestHeaders, upstreamHeaders, onFailure } = config;
  const ask = asking(route, requestHeaders);
  return (next) =>
    async (exchange): Promise<Reply> => {
      const verdict = await point.decide(exchange, ask);
      switch (verdict.kind) {
        case 'allowed':
          decisions.allowed();
          instructService(exchange, upstreamHeaders, verdict);
          return instructClient(await next(exchange), verdict.client);
        case 'denied':
          decisions.denied('external');
          return denial(exchange, verdict, challenges);
        case 'failed':
          decisions.failed('external-failed');
          if (onFailure === 'deny') return unavailable(exchange);
          instructService(exchange, upstreamHeaders, null);
          return next(exchange);
        default:
          return verdict satisfies never;
      }
    };
}

function reporting({ config, route, point, decisions }: ExternalPlan): Wrapper {
  const ask = asking(route, config.requestHeaders);
  return (next) => async (exchange) => {
    const verdict = await point.decide(exchange, ask);
    if (verdict.kind === 'allowed') decisions.allowed();
    else if (verdict.kind === 'denied') decisions.reported('external');
    else if (config.onFailure === 'deny') decisions.reported('external-failed');
    else decisions.failed('external-failed');
    return next(exchange);
  };
}
