import type { Priority, PriorityConfig } from '@turnpike/config';
import type { CountShed, Gate, SelfProtection, Shed } from '../../core/admission.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import { priorityOf } from '../../core/priority-of.ts';
import type { Random } from '../../core/random.ts';
import { shed } from '../../core/shed.ts';
import { passOn } from './pass-on.ts';

/** What the stage has to know of its route. */
export interface AdmissionPlan {
  readonly service: string;
  readonly priority: PriorityConfig;
}

/** What the stage reaches the world through. */
export interface AdmissionPorts {
  /** Of the service; null: it takes whatever comes. */
  readonly gate: Gate | null;
  /** Of this thread; null: it is switched off. */
  readonly protection: SelfProtection | null;
  readonly countShed: CountShed;
  readonly decisions: DecisionsOf;
  readonly random: Random;
}

/**
 * Lets exchanges to their service as far as it can do the work at once, those of high priority first, and has some wait for
 * a moment. The others get a 503 that says when to come back.
 */
export function admission(
  { service, priority: config }: AdmissionPlan,
  ports: AdmissionPorts,
): Wrapper | null {
  const { gate, protection, random, countShed } = ports;
  const dependsOnCaller = Object.keys(config.plans).length > 0;
  if (gate === null && !dependsOnCaller && config.header === null) return null;
  const priorityFor = priorityOf(config);
  const tellService = passOn(config);
  const count = ports.decisions('priority');
  const limitRule = `services.${service}.concurrency`;

  function refusal(exchange: Exchange, { reason, isByPriority }: Shed, priority: Priority): Reply {
    count.denied(reason);
    countShed(reason, priority);
    return shed(exchange, 'OVERLOADED', isByPriority ? 'priority' : limitRule, random);
  }

  return (next) => async (exchange) => {
    const priority = priorityFor(exchange);
    const strain = dependsOnCaller && protection !== null ? protection.sheds(priority) : null;
    if (strain !== null) {
      count.denied(strain);
      countShed(strain, priority);
      return shed(exchange, 'GATEWAY_OVERLOADED', 'priority', random);
    }
    tellService?.(exchange, priority);
    if (gate === null) return next(exchange);
    const visit = gate.visit(exchange, priority);
    const entry = visit.enter() ?? (await visit.wait());
    if (entry !== 'inside') return refusal(exchange, entry, priority);
    count.allowed();
    try {
      if (exchange.cancelled !== null)
        throw new GatewayError(exchange.cancelled, 'it was cancelled while it waited');
      const reply = await next(exchange);
      visit.answered(reply);
      return reply;
    } catch (error) {
      visit.failed(error);
      throw error;
    }
  };
}
