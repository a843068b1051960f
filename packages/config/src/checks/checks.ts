import type { Draft } from '../issue.ts';
import type { GatewayConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import {
  adminAsksForCertificates,
  adminIsGuarded,
  adminLoginIsClear,
  callersMayDoSomething,
} from './admin.ts';
import { alertsAreClear } from './alerts.ts';
import { accessLogsAreClear } from './access-log.ts';
import { issuersDiffer, loginIsOne, waysAreGiven, waysExist } from './authenticate.ts';
import { claimParametersExist, claimsAreNamed, conditionsAreGiven } from './authorize.ts';
import { credentialsGoToNamedOrigins, originsAreGiven } from './browser-policies.ts';
import type { Check, ReferenceAt } from './check.ts';
import { consumersHaveCredentials, credentialsDiffer } from './consumers.ts';
import { expressionsCompile } from './expressions.ts';
import { descriptorsComeFromOnePlace } from './grpc.ts';
import { onEveryHolder } from './holders.ts';
import { callersAreKnown, forwardedIdentitiesAreKnown, onlyServicesAreTold } from './identities.ts';
import {
  audiencesAreNamed,
  loginsAreUsed,
  providersAreNotConsumers,
  signaturesAreAccepted,
} from './identity-providers.ts';
import { addressesAreGiven, listsExist } from './ip-access.ts';
import { limitedCallersAreKnown, limitedConsumersAreKnown, limitedParametersExist } from './limit-keys.ts';
import { headersCanCome, prioritiesAreVouchedFor } from './listener-bounds.ts';
import { cookiesAreOurs, loginsDiffer, sessionsHaveSecrets } from './logins.ts';
import {
  endpointsAreClear,
  grpcToolsAreCallable,
  serversDiffer,
  toolCallersAreKnown,
  toolsDiffer,
} from './mcp.ts';
import { listenersExist, parametersExist, servicesExist } from './names.ts';
import { askedOverTls, decidedOverTls } from './plain-http.ts';
import { plansAreSpelled } from './plans.ts';
import { inEveryPlace } from './policy-places.ts';
import { routeByRoute } from './route-by-route.ts';
import { groupsAgree, limitsAreClear, limitsDiffer, storesExist } from './rate-limit.ts';
import {
  addedPathsAreFree,
  bodilessResponsesAreEmpty,
  onlyServicesAreRewritten,
  rewritesAreClear,
  rewrittenHostsAreExact,
  routesDiffer,
} from './routes.ts';
import {
  cachesExist,
  cookiesAreNotShared,
  headErrorsAreTold,
  keysAreShared,
  onlyServicesAreCached,
} from './cache.ts';
import { changedFieldsPass, changedParametersExist, codingsAreGiven } from './transform.ts';
import {
  addressesDiffer,
  certificatesAreVouchedFor,
  routesHaveListeners,
  servicesHaveEndpoints,
} from './sections.ts';
import {
  attemptsFit,
  bodilessFallbacksAreEmpty,
  copiesGoElsewhere,
  deadlinesAreToldApart,
  fallbackIsOne,
  fallbacksDiffer,
  faultsAreGiven,
  onlyServicesFail,
  otherServicesExist,
} from './resilience.ts';
import {
  balancersAreClear,
  endpointsComeFromOnePlace,
  endpointsDiffer,
  healthChecksAreClear,
  registriesAreAskedOverTls,
} from './service-health.ts';
import { checksAreUnderstood, grpcHasHttp2 } from './http2.ts';
import { acmeCanBeAsked, acmeNamesAreGiven, acmeStoresExist, keyPairsAreWhole, tlsIsUsed } from './tls.ts';
import { certificatesAreShown, certificatesHaveListeners, tlsHasCertificates } from './certificates.ts';
import { overridesCanCome, splitsAreClear } from './splits.ts';
import { stickyCookiesDiffer } from './stickiness.ts';
import { encryptionKeysDiffer, redisIsClear } from './stores.ts';
import { eventStreamsMayBeSilent, websocketListsAreGiven, websocketsAreOpened } from './stream-policies.ts';
import { collectorsAreClear } from './telemetry.ts';
import { grantIsOne, grantorsKnowUs } from './upstream-credentials.ts';
import { operationsAreOurs, translatedServicesSpeakGrpc } from './translate.ts';
import { formIsGiven, validatedParametersExist } from './validate.ts';

/** Everything that a schema cannot say. Order makes no difference. */
const CHECKS: readonly Check[] = [
  routesDiffer,
  addedPathsAreFree,
  servicesHaveEndpoints,
  endpointsComeFromOnePlace,
  endpointsDiffer,
  balancersAreClear,
  healthChecksAreClear,
  grpcHasHttp2,
  checksAreUnderstood,
  registriesAreAskedOverTls,
  stickyCookiesDiffer,
  routesHaveListeners,
  addressesDiffer,
  certificatesAreVouchedFor,
  tlsHasCertificates,
  certificatesHaveListeners,
  certificatesAreShown,
  keyPairsAreWhole,
  descriptorsComeFromOnePlace,
  tlsIsUsed,
  acmeNamesAreGiven,
  acmeStoresExist,
  acmeCanBeAsked,
  adminIsGuarded,
  callersMayDoSomething,
  adminAsksForCertificates,
  adminLoginIsClear,
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
  redisIsClear,
  encryptionKeysDiffer,
  accessLogsAreClear,
  collectorsAreClear,
  alertsAreClear,
  groupsAgree,
  routeByRoute(
    servicesExist,
    endpointsAreClear,
    grpcToolsAreCallable,
    serversDiffer,
    toolCallersAreKnown,
    toolsDiffer,
    listenersExist,
    parametersExist,
    onlyServicesAreRewritten,
    rewritesAreClear,
    rewrittenHostsAreExact,
    bodilessResponsesAreEmpty,
    translatedServicesSpeakGrpc,
    splitsAreClear,
    overridesCanCome,
    claimParametersExist,
    onEveryHolder(
      callersAreKnown,
      forwardedIdentitiesAreKnown,
      onlyServicesAreTold,
      onlyServicesFail,
      fallbacksDiffer,
      copiesGoElsewhere,
      attemptsFit,
      limitedCallersAreKnown,
      limitedConsumersAreKnown,
      limitedParametersExist,
      validatedParametersExist,
      websocketsAreOpened,
      eventStreamsMayBeSilent,
      operationsAreOurs,
      onlyServicesAreCached,
      changedParametersExist,
    ),
    inEveryPlace(
      listsExist,
      addressesAreGiven,
      waysExist,
      waysAreGiven,
      issuersDiffer,
      loginIsOne,
      conditionsAreGiven,
      claimsAreNamed,
      expressionsCompile,
      decidedOverTls,
      grantIsOne,
      grantorsKnowUs,
      fallbackIsOne,
      otherServicesExist,
      bodilessFallbacksAreEmpty,
      deadlinesAreToldApart,
      faultsAreGiven,
      limitsAreClear,
      limitsDiffer,
      storesExist,
      cachesExist,
      keysAreShared,
      headErrorsAreTold,
      cookiesAreNotShared,
      changedFieldsPass,
      codingsAreGiven,
      originsAreGiven,
      credentialsGoToNamedOrigins,
      websocketListsAreGiven,
      formIsGiven,
      plansAreSpelled,
      prioritiesAreVouchedFor,
      headersCanCome,
    ),
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
