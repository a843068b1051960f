import type { TransformConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Wrapper } from '../../core/exchange.ts';
import type { RouteNames } from './field-changes.ts';
import { fieldChanges } from './field-changes.ts';
import { queryChanges } from './query-changes.ts';

/** What the stage reaches the world through. */
export interface TransformPorts {
  readonly decisions: DecisionsOf;
}

/**
 * Changes what the service sees of a request, and what the client sees of a response. Our own refusals are not changed: what
 * they say is for the client. In report mode nothing is, and every message that would be is counted.
 */
export function transform(
  config: TransformConfig | null,
  facts: RouteNames,
  { decisions }: TransformPorts,
): Wrapper | null {
  if (config === null) return null;
  const fields = fieldChanges(config.request.headers, facts);
  const query = queryChanges(config.request.query, facts);
  const ofReply = fieldChanges(config.response.headers, facts);
  const count = decisions('transform');

  if (config.mode === 'report') {
    return (next) => async (exchange) => {
      const isChanged = fields !== null || query !== null;
      if (isChanged) count.reported('request');
      const reply = await next(exchange);
      if (ofReply !== null && reply.code === '') count.reported('response');
      return reply;
    };
  }
  return (next) => async (exchange) => {
    // Whatever is set is read from the request as it came.
    const requestFields = fields?.(exchange, exchange.headers) ?? null;
    const targetQuery = query?.(exchange) ?? null;
    if (requestFields !== null) exchange.headers = requestFields;
    if (targetQuery !== null) exchange.targetQuery = targetQuery;
    const reply = await next(exchange);
    if (ofReply === null || reply.code !== '') return reply;
    return { ...reply, headers: ofReply(exchange, reply.headers) };
  };
}
