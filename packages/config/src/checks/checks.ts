import type { Draft } from '../issue.ts';
import type { GatewayConfig } from '../resolved.ts';
import type { Check, ReferenceAt } from './check.ts';
import { listenersExist, parametersExist, servicesExist } from './names.ts';
import {
  bodilessResponsesAreEmpty,
  onlyServicesAreRewritten,
  rewritesAreClear,
  rewrittenHostsAreExact,
  routesDiffer,
} from './routes.ts';
import { addressesDiffer, adminIsGuarded, routesHaveListeners, servicesHaveEndpoints } from './sections.ts';

/** Everything that a schema cannot say. Order makes no difference. */
const CHECKS: readonly Check[] = [
  servicesExist,
  listenersExist,
  parametersExist,
  routesDiffer,
  onlyServicesAreRewritten,
  rewritesAreClear,
  rewrittenHostsAreExact,
  bodilessResponsesAreEmpty,
  servicesHaveEndpoints,
  routesHaveListeners,
  addressesDiffer,
  adminIsGuarded,
];

/** Runs every check. */
export function crossChecks(config: GatewayConfig, referenceAt: ReferenceAt): Draft[] {
  return CHECKS.flatMap((check) => check(config, referenceAt));
}
