import type { Draft } from '../issue.ts';
import type { GatewayConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { issuersDiffer, loginIsOne, waysAreGiven, waysExist } from './authenticate.ts';
import { claimParametersExist, claimsAreNamed, conditionsAreGiven, rulesCompile } from './authorize.ts';
import type { Check, ReferenceAt } from './check.ts';
import { consumersHaveCredentials, credentialsDiffer } from './consumers.ts';
import { callersAreKnown, forwardedIdentitiesAreKnown, onlyServicesAreTold } from './identities.ts';
import {
  audiencesAreNamed,
  loginsAreUsed,
  providersAreNotConsumers,
  signaturesAreAccepted,
} from './identity-providers.ts';
import { addressesAreGiven, listsExist } from './ip-access.ts';
import { cookiesAreOurs, loginsDiffer, sessionsHaveSecrets } from './logins.ts';
import { listenersExist, parametersExist, servicesExist } from './names.ts';
import { askedOverTls, decidedOverTls } from './plain-http.ts';
import { inEveryPlace } from './policy-places.ts';
import {
  addedPathsAreFree,
  bodilessResponsesAreEmpty,
  onlyServicesAreRewritten,
  rewritesAreClear,
  rewrittenHostsAreExact,
  routesDiffer,
} from './routes.ts';
import {
  addressesDiffer,
  adminIsGuarded,
  certificatesAreVouchedFor,
  routesHaveListeners,
  servicesHaveEndpoints,
} from './sections.ts';
import { grantIsOne, grantorsKnowUs } from './upstream-credentials.ts';

/** Everything that a schema cannot say. Order makes no difference. */
const CHECKS: readonly Check[] = [
  servicesExist,
  listenersExist,
  parametersExist,
  routesDiffer,
  addedPathsAreFree,
  onlyServicesAreRewritten,
  rewritesAreClear,
  rewrittenHostsAreExact,
  bodilessResponsesAreEmpty,
  servicesHaveEndpoints,
  routesHaveListeners,
  addressesDiffer,
  certificatesAreVouchedFor,
  adminIsGuarded,
  providersAreNotConsumers,
  signaturesAreAccepted,
  audiencesAreNamed,
  loginsAreUsed,
  loginsDiffer,
  sessionsHaveSecrets,
  cookiesAreOurs,
  askedOverTls,
  credentialsDiffer,
  consumersHaveCredentials,
  callersAreKnown,
  forwardedIdentitiesAreKnown,
  onlyServicesAreTold,
  claimParametersExist,
  inEveryPlace(
    listsExist,
    addressesAreGiven,
    waysExist,
    waysAreGiven,
    issuersDiffer,
    loginIsOne,
    conditionsAreGiven,
    claimsAreNamed,
    rulesCompile,
    decidedOverTls,
    grantIsOne,
    grantorsKnowUs,
  ),
];

/** Runs every check. */
export function crossChecks(
  config: GatewayConfig,
  referenceAt: ReferenceAt,
  document: ResolvedDocument,
): Draft[] {
  return CHECKS.flatMap((check) => check(config, referenceAt, document));
}
