import type { PriorityConfig } from '@turnpike/config';
import type { SelfProtection } from '../../core/admission.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Wrapper } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import { highestPriorityOf } from './priority-of.ts';
import { shed } from './shed.ts';

/** What the stage reaches the world through. */
export interface SelfProtectionPorts {
  readonly protection: SelfProtection;
  readonly decisions: DecisionsOf;
  readonly random: Random;
}

/**
 * Sheds what is least important when this thread cannot follow, before anything costly is done for it. Who is calling is
 * not known yet, so everybody has the priority of the best plan here; {@link admission} looks again.
 */
export function selfProtection(
  config: PriorityConfig,
  { protection, decisions, random }: SelfProtectionPorts,
): Wrapper {
  const priorityOf = highestPriorityOf(config);
  const count = decisions('priority');

  return (next) => (exchange) => {
    const strain = protection.sheds(priorityOf(exchange));
    if (strain === null) return next(exchange);
    count.denied(strain);
    return Promise.resolve(shed(exchange, 'GATEWAY_OVERLOADED', 'priority', random));
  };
}
