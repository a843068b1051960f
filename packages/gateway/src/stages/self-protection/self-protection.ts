import type { PriorityConfig } from '@turnpike/config';
import type { CountShed, SelfProtection } from '../../core/admission.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Wrapper } from '../../core/exchange.ts';
import { highestPriorityOf } from '../../core/priority-of.ts';
import type { Random } from '../../core/random.ts';
import { shed } from '../../core/shed.ts';

/** What the stage reaches the world through. */
export interface SelfProtectionPorts {
  /** Of this thread; null: it is switched off. */
  readonly protection: SelfProtection | null;
  readonly countShed: CountShed;
  readonly decisions: DecisionsOf;
  readonly random: Random;
}

/**
 * Sheds what is least important when this thread cannot follow, before anything costly is done for it. Who is calling is
 * not known yet, so everybody has the priority of the best plan here; `admission` looks again.
 */
export function selfProtection(
  config: PriorityConfig,
  { protection, countShed, decisions, random }: SelfProtectionPorts,
): Wrapper | null {
  if (protection === null) return null;
  const priorityOf = highestPriorityOf(config);
  const count = decisions('priority');

  return (next) => (exchange) => {
    const priority = priorityOf(exchange);
    const strain = protection.sheds(priority);
    if (strain === null) return next(exchange);
    count.denied(strain);
    countShed(strain, priority);
    return Promise.resolve(shed(exchange, 'GATEWAY_OVERLOADED', 'priority', random));
  };
}
