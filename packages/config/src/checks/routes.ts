import type { Draft } from '../issue.ts';
import { shapeOf } from '../format/path-pattern.ts';
import type { MatchConfig, RouteConfig } from '../resolved.ts';
import { dotted } from '../path.ts';
import { apiOf } from '../resolve/apis.ts';
import type { Check } from './check.ts';
import { sectionPath } from './holders.ts';
import { servicesOf } from '../resolve/target-services.ts';

/** Whether nobody wrote it: another section needs it. */
export function isAdded({ target }: RouteConfig): boolean {
  return ['login', 'published-keys', 'protected-resource'].includes(target.kind);
}

/** What belongs to a route that was added belongs to no other. */
export const addedPathsAreFree: Check = ({ routes }) => {
  const added = new Map(routes.filter(isAdded).map((route) => [route.match.path, route]));
  return routes.flatMap((route): Draft[] => {
    const other = added.get(route.match.path);
    if (other === undefined || isAdded(route) || !haveMethodInCommon(route, other)) return [];
    const message = `${nameOf(route)}: its path belongs to ${purposeOf(other)}; change one of them`;
    return [{ code: 'DUPLICATE_ROUTE', message, path: sectionPath(route), at: 'key' }];
  });
};

/** `routes.users`, or the operation of an API: `apis.billing (api/billing/getInvoice)`. */
function nameOf(route: RouteConfig): string {
  const section = dotted(sectionPath(route));
  return apiOf(route.id) === null ? section : `${section} (${route.id})`;
}

function haveMethodInCommon({ match: a }: RouteConfig, { match: b }: RouteConfig): boolean {
  return a.methods.length === 0 || a.methods.some((method) => b.methods.includes(method));
}

function purposeOf({ target }: RouteConfig): string {
  if (target.kind === 'protected-resource') return `the metadata of the MCP endpoint ${target.name}`;
  if (target.kind !== 'login') return 'the keys of forwardIdentity: jwt';
  return `the ${target.step} of identityProviders.${target.provider}.login`;
}

/** No two routes match exactly the same requests: the second could never be reached. */
export const routesDiffer: Check = ({ routes }) => {
  const seen = new Map<string, RouteConfig>();
  return routes.flatMap((route): Draft[] => {
    if (isAdded(route)) return []; // of those `loginsDiffer` and `addedPathsAreFree` tell
    const key = matchKey(route.match);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, route);
      return [];
    }
    const { file, line, column } = first.origin;
    const there = `${first.id} (${file}:${line}:${column})`;
    const message = `${nameOf(route)}: matches the same requests as ${there}; change the match of one of them`;
    return [{ code: 'DUPLICATE_ROUTE', message, path: sectionPath(route), at: 'key' }];
  });
};

const keys = new WeakMap<MatchConfig, string>();

/** Routes that did not change are the same objects as at the load before. */
function matchKey(match: MatchConfig): string {
  const key = keys.get(match) ?? makeKey(match);
  keys.set(match, key);
  return key;
}

/** The same for matches that mean the same: order, and the names of parameters, make no difference. */
function makeKey(match: MatchConfig): string {
  const { path, listeners, hosts, methods, headers, query } = match;
  const lists = [listeners, hosts, methods].map(sorted);
  const values = [headers, query].map((list) =>
    sorted(list.map((one) => `${one.name} ${one.kind} ${one.value}`)),
  );
  return JSON.stringify([shapeOf(path), lists, values]);
}

function sorted(list: readonly string[]): readonly string[] {
  return list.length < 2 ? list : list.toSorted();
}

/** `rewrite` and `upgrade` concern what a service sees; without service they would be ignored. */
export const onlyServicesAreRewritten: Check = ({ routes }) =>
  routes.flatMap(({ id, rewrite, upgrade, target }): Draft[] => {
    if (servicesOf(target).length > 0) return [];
    const given = { rewrite: rewrite !== null, upgrade: upgrade.length > 0 };
    return Object.entries(given).flatMap(([key, isGiven]): Draft[] => {
      if (!isGiven) return [];
      const message = `routes.${id}: ${key} has no effect beside ${target.kind}; remove one of them`;
      return [{ code: 'CONFLICT', message, path: ['routes', id, key], at: 'key' }];
    });
  });

/** A path is either replaced or shortened. */
export const rewritesAreClear: Check = ({ routes }) =>
  routes.flatMap(({ id, rewrite }): Draft[] => {
    if (rewrite === null || rewrite.path === null || rewrite.stripPrefix === null) return [];
    const message = `routes.${id}: rewrite has path and stripPrefix; keep one of them`;
    return [{ code: 'CONFLICT', message, path: ['routes', id, 'rewrite', 'stripPrefix'], at: 'key' }];
  });

/** The host of a rewrite is one host. */
export const rewrittenHostsAreExact: Check = ({ routes }) =>
  routes.flatMap(({ id, rewrite }): Draft[] => {
    if (rewrite?.host?.includes('*') !== true) return [];
    const message = `routes.${id}: rewrite.host must be one host, without *`;
    return [{ code: 'BAD_VALUE', message, path: ['routes', id, 'rewrite', 'host'] }];
  });

/** Responses that must not have a body (RFC 9110 §6.4.1) have none. */
export const bodilessResponsesAreEmpty: Check = ({ routes }) =>
  routes.flatMap(({ id, target }): Draft[] => {
    if (target.kind !== 'respond' || target.body === '' || ![204, 205, 304].includes(target.status))
      return [];
    const message = `routes.${id}: a response of this status has no body; remove the body`;
    return [{ code: 'CONFLICT', message, path: ['routes', id, 'respond', 'body'], at: 'key' }];
  });
