import type { GatewayConfig, RouteConfig } from '@turnpike/config';
import { systemClock } from '../ports.ts';
import type { Risk } from '../revisions.ts';
import { ACCESS_RULES } from './access-rules.ts';
import { certificateRisks } from './certificate-risks.ts';
import { CONSUMER_RULES, LIST_RULES, PROVIDER_RULES } from './caller-rules.ts';
import { FLOW_RULES } from './flow-rules.ts';
import { changedPairs, judgePairs, missingIn, type Pair, tell } from './rule.ts';
import { SERVICE_RULES } from './service-rules.ts';
import { takeoverRisks } from './takeovers.ts';

/** From so many routes on, and from such a share of all, their removal is likely to be a mistake. */
const MANY_ROUTES = 10;
const MANY_OF_ALL = 0.2;

const LEVELS: readonly Risk['level'][] = ['high', 'medium', 'low'];

/**
 * What operators should know before another configuration takes the place of this one; the worst first.
 *
 * Looks at what configurations mean and not at how they are written, so a policy that a default loses is told of every route
 * that loses it.
 */
export function risksOf(configs: Pair<GatewayConfig>, nowMs: number = systemClock.epoch()): Risk[] {
  const { before, after } = configs;
  const routes = { before: before.routes.filter(isWritten), after: after.routes.filter(isWritten) };
  const pairsOf = changedPairs<RouteConfig>(routes);
  const ofRoutes = { what: 'route', nameOf: nameOfRoute, configs };
  const risks = [
    ...removedRoutes(routes),
    ...judgePairs(ACCESS_RULES, pairsOf, ofRoutes),
    ...judgePairs(FLOW_RULES, pairsOf, ofRoutes),
    ...openRoutes(routes),
    ...takeoverRisks(routes, nameOfRoute),
    ...judgePairs(SERVICE_RULES, changedPairs({ before: before.services, after: after.services }), {
      what: 'service',
      nameOf: named('services'),
      configs,
    }),
    ...judgePairs(
      PROVIDER_RULES,
      changedPairs({ before: before.identityProviders, after: after.identityProviders }),
      { what: 'identity provider', nameOf: named('identityProviders'), configs },
    ),
    ...judgePairs(CONSUMER_RULES, changedPairs({ before: before.consumers, after: after.consumers }), {
      what: 'consumer',
      nameOf: named('consumers'),
      configs,
    }),
    ...removedConsumers(configs),
    ...judgePairs(LIST_RULES, changedPairs({ before: before.lists, after: after.lists }), {
      what: 'address list',
      nameOf: named('lists'),
      configs,
    }),
    ...certificateRisks(configs, nowMs),
  ];
  return risks.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

function named(section: string): (one: { readonly id: string }) => string {
  return ({ id }) => `${section}.${id}`;
}

/** Whether somebody wrote it, in `routes` or in a document of `apis`; others come and go with what needs them. */
function isWritten({ target }: RouteConfig): boolean {
  return !['login', 'published-keys', 'protected-resource'].includes(target.kind);
}

/** The object that brings a route about: one of `apis` brings many. */
function nameOfRoute({ id }: RouteConfig): string {
  const [first = '', api] = id.split('/');
  return first === 'api' && api !== undefined ? `apis.${api}` : `routes.${id}`;
}

function removedRoutes({ before, after }: Pair<readonly RouteConfig[]>): Risk[] {
  const gone = missingIn(before, after);
  const isMuch =
    gone.length >= MANY_ROUTES || (gone.length > 1 && gone.length >= MANY_OF_ALL * before.length);
  return tell({
    code: 'ROUTE_REMOVED',
    level: isMuch ? 'high' : 'medium',
    what: 'route',
    says: ['is removed', 'are removed'],
    names: gone.map(nameOfRoute),
  });
}

/** New ones that lead to a service and ask nobody who they are. */
function openRoutes({ before, after }: Pair<readonly RouteConfig[]>): Risk[] {
  const open = missingIn(after, before).filter(
    ({ policies, target }) =>
      policies.authenticate === null && !['redirect', 'respond'].includes(target.kind),
  );
  return tell({
    code: 'ROUTE_WITHOUT_AUTHENTICATION',
    level: 'low',
    what: 'new route',
    says: ['lets everybody in', 'let everybody in'],
    names: open.map(nameOfRoute),
  });
}

function removedConsumers({ before, after }: Pair<GatewayConfig>): Risk[] {
  const gone = missingIn(before.consumers, after.consumers);
  return tell({
    code: 'CONSUMER_REMOVED',
    level: 'medium',
    what: 'consumer',
    says: ['is removed, and its callers are refused', 'are removed, and their callers are refused'],
    names: gone.map(({ id }) => `consumers.${id}`),
  });
}
