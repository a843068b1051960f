import type { PoliciesConfig } from '@turnpike/config';
import type { Wrapper } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';

/**
 * Answers with the route's own body where Turnpike would answer with a problem document of one of these statuses.
 * Answers of the service are never touched. What the status demands (`Allow`, `Retry-After`) stays.
 */
export function errorBodies(errors: PoliciesConfig['errors']): Wrapper | null {
  if (Object.keys(errors).length === 0) return null;
  const byStatus = new Map(Object.entries(errors).map(([status, body]) => [Number(status), body]));

  return (next) => async (exchange) => {
    const reply = await next(exchange);
    const own = reply.code === '' ? undefined : byStatus.get(reply.status);
    if (own === undefined) return reply;
    const headers = new Headers();
    for (const [i, name] of reply.headers.names.entries())
      headers.appendNamed(name, reply.headers.values[i] ?? '');
    headers.set('Content-Type', own.contentType);
    return { ...reply, status: own.status, headers, body: Buffer.from(own.body).toString('latin1') };
  };
}
