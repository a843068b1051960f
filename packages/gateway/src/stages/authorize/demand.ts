import type { ErrorCode } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Identity } from '../../core/identity.ts';

/** Why a request goes no further, for the metrics. A closed list. */
export type Reason =
  | 'scopes'
  | 'any-scope'
  | 'claims'
  | 'rule'
  | 'rule-error'
  | 'external'
  | 'external-failed';

/** What a request falls short of. Made once a route. */
export interface Shortfall {
  readonly reason: Reason;
  /** Path in the configuration of the route. */
  readonly rule: string;
  readonly code: ErrorCode;
  readonly detail: string;
  /** That a token would have to have; null: it is not about scopes. */
  readonly scopes: readonly string[] | null;
}

/** Holds a request against one thing that is asked of it; null: it has it. */
export type Demand = (exchange: Exchange) => Shortfall | null;

/** A demand on who is calling. From callers without credentials it asks for those first. */
export function identityDemand(
  shortfall: Shortfall,
  isMet: (identity: Identity, exchange: Exchange) => boolean,
): Demand {
  const anonymous: Shortfall = {
    ...shortfall,
    code: 'UNAUTHENTICATED',
    detail: 'This is not for callers without credentials.',
  };
  return (exchange) => {
    const { identity } = exchange;
    if (identity === null) return anonymous;
    return isMet(identity, exchange) ? null : shortfall;
  };
}
