import type { MatchConfig, RouteConfig, SplitConfig, TargetConfig, ValueMatch } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';
import { keepingRoutes } from './kept-routes.ts';
import { resolveMcp } from './mcp.ts';
import { resolvePolicies } from './policies.ts';
import { resolveTranslate } from './translate.ts';
import { openedToWebClients } from './web-cors.ts';

type ResolvedRoute = ResolvedDocument['routes'] extends ReadonlyMap<string, infer R> ? R : never;

/** The routes in the order in which they are written. */
export function resolveRoutes(document: ResolvedDocument, context: Context): RouteConfig[] {
  const defaults = { policies: document.defaults.policies, path: ['defaults', 'policies'] };
  const resolve = keepingRoutes<ResolvedRoute>(defaults.policies, context, (id, route, observed) => {
    const own = { policies: route.policies, path: ['routes', id, 'policies'] };
    const translate = resolveTranslate(id, route, observed);
    return {
      id,
      match: resolveMatch(route.match),
      target: resolveTarget(id, route, observed),
      rewrite: route.rewrite,
      translate,
      upgrade: route.upgrade,
      policies: openedToWebClients(resolvePolicies(own, defaults, observed), translate),
    };
  });
  return Array.from(document.routes, ([id, route]) => resolve(id, route));
}

function resolveMatch(match: ResolvedRoute['match']): MatchConfig {
  return {
    path: match.path,
    listeners: match.listeners,
    hosts: match.hosts,
    methods: match.methods,
    headers: valueMatches(match.headers, (name) => name.toLowerCase()),
    query: valueMatches(match.query, (name) => name),
  };
}

function valueMatches(
  map: ResolvedRoute['match']['headers'],
  spell: (name: string) => string,
): readonly ValueMatch[] {
  if (map.size === 0) return NO_MATCHES;
  return Array.from(map, ([name, value]) => ({ name: spell(name), ...value }));
}

const NO_MATCHES: readonly ValueMatch[] = [];

/** Exactly one target; none or several are reported here, because what follows has room for one only. */
function resolveTarget(id: string, route: ResolvedRoute, context: Context): TargetConfig {
  const { service, services, redirect, respond } = route;
  const mcp = route.translate?.mcp ?? null;
  const targets = { service, services, redirect, respond, ...(service === null && { 'translate.mcp': mcp }) };
  const given = Object.entries(targets).filter(([, value]) => value !== null);
  const path = ['routes', id];
  if (given.length === 0) {
    const message = `routes.${id}: leads nowhere; give it one of service, services, redirect and respond`;
    context.report({ code: 'NO_TARGET', message, path, at: 'key' });
  }
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(' and ');
    const message = `routes.${id}: has ${names}, but a route has exactly one target; keep one`;
    context.report({ code: 'CONFLICT', message, path, at: 'key' });
  }
  if (mcp !== null) return resolveMcp(id, service, mcp, context);
  if (redirect !== null) return { kind: 'redirect', to: redirect.to, status: redirect.status };
  if (respond !== null) return { kind: 'respond', ...respond, headers: [...respond.headers] };
  if (services !== null) return resolveSplit(services, route.split);
  return { kind: 'service', service: service ?? '' };
}

function resolveSplit(services: ReadonlyMap<string, number>, split: ResolvedRoute['split']): SplitConfig {
  const { sticky = null, secret = null, lifetime = 0, override = null } = split ?? {};
  return {
    kind: 'split',
    sides: Array.from(services, ([service, weight]) => ({ service, weight })),
    sticky: sticky === null ? null : { kind: 'sticky', cookie: sticky, secret, lifetimeMs: lifetime },
    override,
  };
}
