import type { Draft } from '../issue.ts';
import { dotted, type Path } from '../path.ts';
import { servicesOf } from '../resolve/target-services.ts';
import { type HolderCheck, isOwn, placeOf, type PolicyKey } from './holders.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf, unknownName } from './unknown-name.ts';

/** What a fallback answers with is one thing. */
export const fallbackIsOne: PolicyCheck = ({ path, policies: { fallback } }) => {
  if (fallback === null || fallback === 'off') return [];
  const { service, respond } = fallback;
  if ((service === null) !== (respond === null)) return [];
  const at = [...path, 'fallback'];
  if (service === null) {
    const message = `${ownerOf(path)}: fallback needs service or respond`;
    return [{ code: 'MISSING_KEY', message, path: at, at: 'key' }];
  }
  const message = `${ownerOf(path)}: fallback has service and respond; keep one of them`;
  return [{ code: 'CONFLICT', message, path: [...at, 'respond'], at: 'key' }];
};

/** Responses that must not have a body (RFC 9110 §6.4.1) have none, also in place of a service. */
export const bodilessFallbacksAreEmpty: PolicyCheck = ({ path, policies: { fallback } }) => {
  if (fallback === null || fallback === 'off' || fallback.respond === null) return [];
  const { status, body } = fallback.respond;
  if (body === '' || ![204, 205, 304].includes(status)) return [];
  const message = `${ownerOf(path)}: a response of this status has no body; remove the body`;
  return [{ code: 'CONFLICT', message, path: [...path, 'fallback', 'respond', 'body'], at: 'key' }];
};

/** Fields that say something else to us or to the service, and would be there twice or not at all. */
const TAKEN =
  /^(host|expect|via|forwarded|cookie|authorization|grpc-timeout|connect-timeout-ms|content-.*|client-cert.*|x-(forwarded|identity)-.*|x-(real-ip|host|original-url|rewrite-url|request-id|gateway-attempt|turnpike-mirror))$/;

/** The header of a deadline is taken from the caller and written anew for each attempt, so it means nothing else. */
export const deadlinesAreToldApart: PolicyCheck = ({ path, policies: { deadline } }) => {
  if (deadline === null || deadline === 'off' || !TAKEN.test(deadline.header)) return [];
  const message = `${ownerOf(path)}: deadline.header "${deadline.header}" has another meaning; name a header of your own, such as x-request-deadline`;
  return [{ code: 'BAD_VALUE', message, path: [...path, 'deadline', 'header'] }];
};

/** Fallbacks and copies go to services that exist. */
export const otherServicesExist: PolicyCheck = ({ path, policies }, { services }, referenceAt) => {
  const { fallback, mirror } = policies;
  if (fallback === null && mirror === null) return []; // most routes; services may be many
  const known = new Set(services.map(({ id }) => id));
  const named: [string | null | undefined, Path][] = [
    [fallback === 'off' ? null : fallback?.service, [...path, 'fallback', 'service']],
    [mirror === 'off' ? null : mirror?.service, [...path, 'mirror', 'service']],
  ];
  return named.flatMap(([name, at]): Draft[] => {
    // An empty one is reported by the schema.
    if (typeof name !== 'string' || name === '' || known.has(name)) return [];
    return [unknownName({ kind: 'service', section: 'services', name, path: at }, known, referenceAt)];
  });
};

/** A fault is a delay, an answer, or both. */
export const faultsAreGiven: PolicyCheck = ({ path, policies: { fault } }) => {
  if (fault === null || fault === 'off' || fault.delay !== null || fault.abort !== null) return [];
  const message = `${ownerOf(path)}: fault needs delay or abort`;
  return [{ code: 'MISSING_KEY', message, path: [...path, 'fault'], at: 'key' }];
};

const OF_SERVICES: readonly PolicyKey[] = ['retry', 'hedge', 'fallback', 'mirror', 'fault', 'deadline'];

/** Without service there is nothing to try again. Policies of the defaults are for the routes that have one. */
export const onlyServicesFail: HolderCheck = (holder) => {
  const { target } = holder.route;
  if (servicesOf(target).length > 0) return [];
  return OF_SERVICES.flatMap((policy): Draft[] => {
    if (!isOwn(holder, policy) || holder.own[policy] === 'off') return [];
    const message = `${dotted(holder.path)}: ${policy} has no effect beside ${target.kind}; remove one of them`;
    return [{ code: 'CONFLICT', message, ...placeOf(holder, [policy]) }];
  });
};

/** When a service fails, asking it again under another name of the route is no way out. */
export const fallbacksDiffer: HolderCheck = (holder) => {
  const { target, policies } = holder.route;
  const { fallback } = policies;
  if (fallback?.kind !== 'service') return [];
  const services = servicesOf(target);
  if (services.length !== 1 || services[0] !== fallback.service) return [];
  const message = `${dotted(holder.path)}: fallback names the service of the route itself; name another one`;
  return [{ code: 'NO_EFFECT', message, ...placeOf(holder, ['fallback', 'service']), severity: 'warning' }];
};

/** What writes is done twice by a service that gets copies of its own requests, or of those that it gets as a fallback. */
export const copiesGoElsewhere: HolderCheck = (holder) => {
  const { target, policies } = holder.route;
  const { mirror, fallback } = policies;
  if (mirror === null) return [];
  const services = servicesOf(target);
  const isOwnCopy = services.length === 1 && services[0] === mirror.service;
  const isFallback = fallback?.kind === 'service' && fallback.service === mirror.service;
  if (!isOwnCopy && !isFallback) return [];
  const whose = isOwnCopy ? 'the service of the route itself' : 'the service of the fallback as well';
  const message = `${dotted(holder.path)}: mirror names ${whose}, which then gets requests twice; name another one`;
  return [{ code: 'CONFLICT', message, ...placeOf(holder, ['mirror', 'service']), severity: 'warning' }];
};

/** An attempt that may take as long as the whole exchange is never followed by another. */
export const attemptsFit: HolderCheck = (holder) => {
  const { retry, timeoutMs } = holder.route.policies;
  if (retry === null || retry.perTryMs === null || timeoutMs === null || retry.perTryMs < timeoutMs)
    return [];
  const message = `${dotted(holder.path)}: retry.perTry is not shorter than timeout, so no attempt is ever followed by another; make it shorter`;
  return [{ code: 'NO_EFFECT', message, ...placeOf(holder, ['retry', 'perTry']), severity: 'warning' }];
};
