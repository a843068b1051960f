import type { Priority, PriorityConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { STANDARD } from '../../core/priority-of.ts';

/**
 * Tells the service which priority an exchange has, in the same field in which proxies tell us, so that it can shed as we
 * do. What a client wrote there, who is not believed, is replaced. Null where the route names no field.
 */
export function passOn({
  header,
}: PriorityConfig): ((exchange: Exchange, priority: Priority) => void) | null {
  if (header === null) return null;
  const text =
    header === STANDARD ? (priority: Priority) => URGENCY[priority] : (priority: Priority) => priority;
  return ({ headers, fromTrustedProxy }, priority) => {
    if (!fromTrustedProxy || !headers.has(header)) headers.set(header, text(priority));
  };
}

/** As RFC 9218 §4.1 writes it; what is to be shed first is the least urgent. */
const URGENCY: Readonly<Record<Priority, string>> = {
  critical: 'u=1',
  high: 'u=2',
  normal: 'u=3',
  low: 'u=5',
  bulk: 'u=7',
};
