import { fieldsOf, reply, type Message } from '@turnpike/testkit';
import type { GatewayPlan } from '../wire/fixture.ts';

/** A plan whose route has a cache. */
export function cached(plan: GatewayPlan, cache: object = {}): GatewayPlan {
  const { policies = {}, ...route } = (plan.route ?? {}) as { policies?: object };
  return {
    ...plan,
    route: { ...route, policies: { ...policies, cache } },
    sections: { stores: { cache: { size: '64MiB' } }, ...plan.sections },
  };
}

/** A response that is fresh for a minute. */
export function fresh(body: string, fields: readonly string[] = [], status?: string): string {
  return reply(body, ['Cache-Control: max-age=60', 'X-Mine: yes', ...fields], status);
}

/** What caches did, nearest to the service first. */
export function statusOf(message: Pick<Message, 'fields'>): string {
  return fieldsOf(message, 'cache-status').join(', ');
}
