import type {
  IdentityProviderConfig,
  LoginConfig,
  LoginStep,
  PoliciesConfig,
  RouteConfig,
  TargetConfig,
} from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { resolveIpAccess } from './access-policies.ts';
import type { Context } from './context.ts';
import { PROTECTED_RESOURCE_PATH, protectedResourceOf } from './mcp.ts';
import { NO_POLICIES } from './policies.ts';
import { servicesOf } from './target-services.ts';

/** Where services find the keys with which they verify what `forwardIdentity: jwt` tells them. */
export const PUBLISHED_KEYS_PATH = '/.well-known/turnpike/jwks.json';

/**
 * The routes that other sections need: those of logins, and that of the keys of `forwardIdentity: jwt`. Of all policies they
 * have only the addresses of the defaults.
 */
export function addedRoutes(
  document: ResolvedDocument,
  context: Context,
  { providers, routes }: Resolved,
): RouteConfig[] {
  const ipAccess = resolveIpAccess(document.defaults.policies.ipAccess);
  const policies: PoliciesConfig = { ...NO_POLICIES, ipAccess };
  const keys = addedRoute('identity/published-keys', {
    match: { path: PUBLISHED_KEYS_PATH, hosts: withAnyHost(routes.filter(signsFor)), methods: ['GET'] },
    target: { kind: 'published-keys' },
    policies,
    origin: context.originOf('routes'),
  });
  return [
    ...providers.flatMap((provider) => loginRoutes(provider, routes, policies)),
    ...(routes.some(signsFor) ? [keys] : []),
    ...routes.flatMap((route) => resourceRoutes(route, providers, policies)),
  ];
}

function signsFor({ target, policies }: RouteConfig): boolean {
  return servicesOf(target).length > 0 && policies.forwardIdentity === 'jwt';
}

/** What clients read that are told to get a token for an MCP endpoint. Scripts of any page may: nothing in it is secret. */
function resourceRoutes(
  route: RouteConfig,
  providers: readonly IdentityProviderConfig[],
  policies: PoliciesConfig,
): RouteConfig[] {
  const target = protectedResourceOf(route, providers);
  if (target === null) return [];
  const { path, hosts } = route.match;
  const added = addedRoute(`mcp/${route.id}/protected-resource`, {
    match: { path: PROTECTED_RESOURCE_PATH + (path === '/' ? '' : path), hosts, methods: ['GET', 'OPTIONS'] },
    target,
    policies,
    origin: route.origin,
  });
  return [{ ...added, match: { ...added.match, listeners: route.match.listeners } }];
}

interface Resolved {
  readonly providers: readonly IdentityProviderConfig[];
  readonly routes: readonly RouteConfig[];
}

function loginRoutes(
  provider: IdentityProviderConfig,
  routes: readonly RouteConfig[],
  policies: PoliciesConfig,
): RouteConfig[] {
  const { id, login, origin } = provider;
  if (login === null) return [];
  const hosts = hostsOf(provider, login, routes);
  const route = (step: LoginStep, path: string, methods: readonly string[]): RouteConfig =>
    addedRoute(`login/${id}/${step}`, {
      match: { path, hosts, methods },
      target: { kind: 'login', provider: id, step },
      policies,
      origin,
    });
  const { callbackPath, logoutPath, backchannelLogoutPath: backchannel } = login;
  return [
    route('callback', callbackPath, ['GET']),
    route('logout', logoutPath, ['GET', 'POST']),
    ...(backchannel === null ? [] : [route('backchannel-logout', backchannel, ['POST'])]),
  ];
}

function hostsOf(
  { id }: IdentityProviderConfig,
  { publicOrigin }: LoginConfig,
  routes: readonly RouteConfig[],
): readonly string[] {
  const senders = routes.filter(({ policies }) => policies.authenticate?.providers.includes(id) === true);
  return withAnyHost(senders, publicOrigin === null ? [] : [new URL(publicOrigin).hostname]);
}

/**
 * Any host, and by name those of the routes that need the added one: an exact host wins over any host, so a route for `/*` of
 * one would take its requests, and a browser that comes back from a login would go round in circles.
 */
function withAnyHost(routes: readonly RouteConfig[], more: readonly string[] = []): readonly string[] {
  const hosts = new Set([...routes.flatMap(({ match }) => match.hosts), ...more]);
  return hosts.size === 0 ? [] : [...hosts.add('*')];
}

interface Addition extends Pick<RouteConfig, 'policies' | 'origin'> {
  readonly match: Pick<RouteConfig['match'], 'path' | 'hosts' | 'methods'>;
  readonly target: TargetConfig;
}

/** No name of a written route has a slash, so no id of these is ever taken. */
function addedRoute(id: string, { match, target, policies, origin }: Addition): RouteConfig {
  const { path, hosts, methods } = match;
  return {
    id,
    match: { path, listeners: [], hosts, methods, headers: [], query: [] },
    target,
    rewrite: null,
    translate: null,
    upgrade: [],
    policies,
    origin,
  };
}
