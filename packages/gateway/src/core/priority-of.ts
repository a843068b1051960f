import type { Priority, PriorityConfig } from '@turnpike/config';
import type { Exchange } from './exchange.ts';
import { higherPriority, PRIORITIES } from './priority.ts';

/**
 * Which priority the exchanges of a route have: what a trusted proxy says, or else the plan of the caller, or else the level
 * of the route. What other clients say of their own importance is not believed.
 */
export function priorityOf({ level, header, plans }: PriorityConfig): (exchange: Exchange) => Priority {
  const said = header === null ? () => null : saidIn(header);
  const ofPlan = new Map(Object.entries(plans));
  if (header === null && ofPlan.size === 0) return () => level;
  return (exchange) => said(exchange) ?? ofPlan.get(exchange.identity?.plan ?? '') ?? level;
}

/** The most that an exchange can have, before it is known who is calling. */
export function highestPriorityOf({
  level,
  header,
  plans,
}: PriorityConfig): (exchange: Exchange) => Priority {
  const highest = Object.values(plans).reduce(higherPriority, level);
  if (header === null) return () => highest;
  const said = saidIn(header);
  return (exchange) => said(exchange) ?? highest;
}

/** The name of the field that RFC 9218 defines, which speaks of urgency. */
export const STANDARD = 'priority';

function saidIn(header: string): (exchange: Exchange) => Priority | null {
  const read = header === STANDARD ? byUrgency : byName;
  return ({ headers, fromTrustedProxy }) => {
    const text = fromTrustedProxy ? headers.getList(header) : undefined;
    return text === undefined ? null : read(text);
  };
}

function byName(text: string): Priority | null {
  return PRIORITIES.find((priority) => priority === text) ?? null;
}

/** By the member `u` of a dictionary, an integer from 0 to 7 (RFC 9218 §4.1). Of several the last counts (RFC 9651 §3.2). */
function byUrgency(text: string): Priority | null {
  let urgency = '';
  for (const member of text.slice(0, LONGEST_FIELD).split(',')) {
    const [name = '', value = ''] = member.split('=', 2);
    if (name.trim() === 'u') urgency = value.trim().split(';', 1)[0] ?? '';
  }
  return URGENCIES.get(urgency) ?? null;
}

/** A list of parameters is not longer than this for anybody who means it. */
const LONGEST_FIELD = 256;

const URGENCIES: ReadonlyMap<string, Priority> = new Map([
  ['0', 'critical'],
  ['1', 'critical'],
  ['2', 'high'],
  ['3', 'normal'],
  ['4', 'low'],
  ['5', 'low'],
  ['6', 'bulk'],
  ['7', 'bulk'],
]);
