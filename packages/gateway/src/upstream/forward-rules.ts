import type { HedgeConfig, RetryConfig } from '@turnpike/config';
import { isWhole, UNKNOWN_LENGTH } from '../core/body.ts';
import type { DecisionsOf } from '../core/decisions.ts';
import type { Exchange } from '../core/exchange.ts';
import { Hedging } from './resilience/hedging.ts';
import type { RetryPlan } from './resilience/retries.ts';
import { RetryBudget } from './resilience/retry-budget.ts';
import { RetryPolicy } from './resilience/retry-policy.ts';
import type { ServiceTally } from './resilience/service-tallies.ts';
import type { Service, UpstreamPorts } from './service.ts';

/** How a route forwards. */
export interface ForwardPlan {
  readonly service: Service;
  /** Protocols to which a request may switch. */
  readonly upgrade: readonly string[];
  /** What is tried again; null: only what cannot have been processed. */
  readonly retry: RetryConfig | null;
  /** When a second attempt is made beside the first. */
  readonly hedge: HedgeConfig | null;
  /** The field, in lower case, in which the service learns how many milliseconds are left. */
  readonly deadlineHeader: string | null;
}

/** What forwarding needs of its thread. */
export interface ForwardPorts extends UpstreamPorts {
  readonly decisions: DecisionsOf;
}

/** The plan of a route, made ready: nothing of this is worked out for a request. */
export interface ForwardRules extends Pick<ForwardPlan, 'service' | 'upgrade' | 'deadlineHeader'> {
  readonly tally: ServiceTally;
  readonly retry: RetryPlan | null;
  readonly hedging: Hedging | null;
  /** How long one attempt may take; null: as long as the service allows. */
  readonly attemptMs: number | null;
}

/** Hedges of a route without retries look whether those of the service's other routes have used up this share. */
const BUDGET_OF_OTHERS_PERCENT = 20;

export function forwardRules(plan: ForwardPlan, { decisions }: ForwardPorts): ForwardRules {
  const { service, upgrade, retry, hedge, deadlineHeader } = plan;
  const { tally } = service;
  const policy = retry === null ? null : new RetryPolicy(retry);
  const budget = new RetryBudget(tally, retry?.budgetPercent ?? BUDGET_OF_OTHERS_PERCENT);
  const [retries, hedges] = [decisions('retry'), decisions('hedge')];
  return {
    service,
    upgrade,
    deadlineHeader,
    tally,
    retry: policy === null ? null : { policy, budget, reported: (reason) => retries.reported(reason) },
    hedging: hedge === null ? null : new Hedging(hedge, budget, () => hedges.reported('slow')),
    attemptMs: policy?.attemptMs ?? null,
  };
}

/** How large a body may be to be kept for another attempt; 0: it streams, and is sent once, or it is here already. */
export function bytesToKeep({ method, body }: Exchange, { retry }: ForwardRules): number {
  if (retry === null || isWhole(body) || body.length === UNKNOWN_LENGTH) return 0;
  const most = retry.policy.bytesToKeep(method);
  return body.length <= most ? most : 0;
}
