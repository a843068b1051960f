import type { Decisions } from '../../core/decisions.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { Use } from './use.ts';

/** Books what an exchange really cost, where a limit can tell that from the reply; elsewhere what was charged stays. */
export function realCosts(
  decisions: Decisions,
): (uses: readonly Use[], exchange: Exchange, reply: Reply) => void {
  return (uses, exchange, reply) => {
    for (const use of uses) {
      const { limit, counters } = use;
      if (limit.realCost === null) continue;
      const cost = limit.realCost(exchange, reply);
      if (cost !== null) counters.settle(use, cost - use.cost);
      else if (reply.code === '') decisions.failed('response-cost');
    }
  };
}
