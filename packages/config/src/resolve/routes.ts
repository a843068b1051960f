import type { MatchConfig, Origin, RouteConfig, SplitConfig, TargetConfig, ValueMatch } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';
import { resolveMcp } from './mcp.ts';
import { resolvePolicies } from './policies.ts';
import { resolveTranslate } from './translate.ts';
import type { PolicySource } from './validate.ts';
import { openedToWebClients } from './web-cors.ts';

type ResolvedRoute = ResolvedDocument['routes'] extends ReadonlyMap<string, infer R> ? R : never;

/** The routes in the order in which they are written. */
export function resolveRoutes(document: ResolvedDocument, context: Context): RouteConfig[] {
  const defaults = { policies: document.defaults.policies, path: ['defaults', 'policies'] };
  const watch = watchOver(context);
  return Array.from(document.routes, ([id, written]) => {
    const origin = context.originOf('routes', id);
    const before = known.get(written);
    if (before !== undefined && isStill(before, { id, origin, defaults: context.writtenDefaults }))
      return before.route;
    watch.begin();
    const route = resolveRoute({ id, written, origin }, defaults, watch.context);
    if (watch.sawNothing()) known.set(written, { defaults: context.writtenDefaults, route });
    return route;
  });
}

/** What became of a route, and of which defaults. */
interface Known {
  readonly defaults: unknown;
  readonly route: RouteConfig;
}

/** There may be thousands, of which one was changed. */
const known = new WeakMap<ResolvedRoute, Known>();

function isStill(
  { route, defaults }: Known,
  now: { readonly id: string; readonly origin: Origin; readonly defaults: unknown },
): boolean {
  const { file, line, column } = now.origin;
  const { id, origin } = route;
  const isInPlace = origin.file === file && origin.line === line && origin.column === column;
  return isInPlace && id === now.id && defaults === now.defaults;
}

interface WrittenRoute {
  readonly id: string;
  readonly written: ResolvedRoute;
  readonly origin: Origin;
}

function resolveRoute(
  { id, written, origin }: WrittenRoute,
  defaults: PolicySource,
  context: Context,
): RouteConfig {
  const own = { policies: written.policies, path: ['routes', id, 'policies'] };
  const translate = resolveTranslate(id, written, context);
  return {
    id,
    match: resolveMatch(written.match),
    target: resolveTarget(id, written, context),
    rewrite: written.rewrite,
    translate,
    upgrade: written.upgrade,
    policies: openedToWebClients(resolvePolicies(own, defaults, context), translate),
    origin,
  };
}

/**
 * Finds out whether what is resolved hangs on nothing but what is written there: it has no faults to tell, and names no file. What
 * is known of a file is found by its absolute path.
 */
function watchOver(context: Context) {
  let hasSeen = false;
  const noting =
    <A extends readonly unknown[], R>(use: (...args: A) => R) =>
    (...args: A): R => {
      hasSeen = true;
      return use(...args);
    };
  const { absolute, absoluteToMain, report } = context;
  const watched: Context = {
    ...context,
    absolute: noting(absolute),
    absoluteToMain: noting(absoluteToMain),
    report: noting(report),
  };
  return { context: watched, begin: () => void (hasSeen = false), sawNothing: () => !hasSeen };
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
