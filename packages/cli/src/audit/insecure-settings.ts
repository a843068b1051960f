import { isLoopback, type GatewayConfig, type ListenerConfig, type RouteConfig } from '@turnpike/config';
import type { LoadedFiles, Path } from '@turnpike/config/load';
import { policyPath } from '../written.ts';
import type { Advice, Auditor } from './audit.ts';

type Written = LoadedFiles['written'];

/** What is allowed, and gives away or lets in more than most would want. */
export const insecureSettings: Auditor = (config, written) => [
  ...adminInTheClear(config),
  ...config.listeners.flatMap((listener) => [
    ...trustsEverybody(listener),
    ...credentialsInTheClear(listener, config),
    ...hugeBodies(listener.limits.bodyBytes, ['listeners', listener.id, 'limits', 'bodyBytes']),
  ]),
  ...config.routes.flatMap((route) => ROUTE_AUDITS.flatMap((audit) => audit(route, written))),
];

const ROUTE_AUDITS: readonly ((route: RouteConfig, written: Written) => readonly Advice[])[] = [
  keysInAddresses,
  watchmenWhoOnlyReport,
  open,
  pagesOverHttp,
  (route, { document }) =>
    hugeBodies(route.policies.bodyBytes ?? 0, [...policyPath(document, route.id, 'limits'), 'bodyBytes']),
];

function insecure(path: Path, message: string): Advice {
  return {
    code: 'INSECURE',
    message: `${path.slice(0, path[0] === 'defaults' ? 1 : 2).join('.')}: ${message}`,
    path,
  };
}

/** The admin API speaks plain HTTP: its tokens, and what it tells, can be read on the way. */
function adminInTheClear({ admin }: GatewayConfig): Advice[] {
  if (admin === null || isLoopback(admin.address.host)) return [];
  const message =
    'the admin API listens on the network without TLS, so its tokens can be read on the way; let it listen on loopback, behind something that ends TLS';
  return [{ code: 'INSECURE', message: `admin.address: ${message}`, path: ['admin', 'address'] }];
}

function trustsEverybody({ id, trustedProxies }: ListenerConfig): Advice[] {
  if (trustedProxies.every(({ prefixLength }) => prefixLength > 0)) return [];
  const message = 'trustedProxies is everybody, so every client may say that it comes from any address';
  return [insecure(['listeners', id, 'trustedProxies'], message)];
}

/** Without TLS here and without a proxy that ends it, what proves who is calling is read by all on the way. */
function credentialsInTheClear(listener: ListenerConfig, { routes }: GatewayConfig): Advice[] {
  const { id, tls, trustedProxies, proxyProtocol, address } = listener;
  if (tls !== null || trustedProxies.length > 0 || proxyProtocol || isLoopback(address.host)) return [];
  const route = routes.find(
    ({ match, policies }) =>
      policies.authenticate !== null && (match.listeners.length === 0 || match.listeners.includes(id)),
  );
  if (route === undefined) return [];
  const message = `keys and tokens of callers (of routes.${route.id}, for one) come over plain HTTP; give it tls, or name the proxies that end TLS in trustedProxies`;
  return [insecure(['listeners', id], message)];
}

function hugeBodies(bytes: number, path: Path): Advice[] {
  if (bytes <= HUGE_BYTES) return [];
  return [insecure(path, 'a request may have a body of more than 1 GiB, which is as good as no limit')];
}

const HUGE_BYTES = 2 ** 30;

/** Addresses end in logs, histories and Referer fields. */
function keysInAddresses(route: RouteConfig, { document }: Written): Advice[] {
  const { authenticate } = route.policies;
  const source = authenticate?.apiKeyFrom.find((one) => one.in === 'query');
  if (source === undefined || authenticate?.consumers !== true) return [];
  const path = policyPath(document, route.id, 'authenticate');
  const message = `keys are taken from the query (${source.name}), so they end in logs and histories; use a header`;
  return [insecure([...path, 'apiKeyFrom'], message)];
}

/** While they only report, everybody comes in. */
function watchmenWhoOnlyReport({ id, policies }: RouteConfig, { document }: Written): Advice[] {
  return (['authenticate', 'authorize', 'ipAccess'] as const)
    .filter((policy) => policies[policy]?.mode === 'report')
    .map((policy) =>
      insecure(
        [...policyPath(document, id, policy), 'mode'],
        `${policy} only reports, so it keeps nobody out; switch it on when its reports are as you want them`,
      ),
    );
}

/** Who cannot ask lets everybody in. */
function open({ id, policies }: RouteConfig, { document }: Written): Advice[] {
  if (policies.authorize?.external?.onFailure !== 'allow') return [];
  const path = [...policyPath(document, id, 'authorize'), 'external', 'onFailure'];
  return [
    insecure(path, 'while the service that authorizes is gone, everybody may do everything; deny is safer'),
  ];
}

/** Whoever is between a page and its reader may change it, and then acts with the reader's credentials. */
function pagesOverHttp({ id, policies }: RouteConfig, { document }: Written): Advice[] {
  const { cors } = policies;
  if (cors === null || !cors.credentials) return [];
  const path = [...policyPath(document, id, 'cors'), 'origins'];
  return cors.origins
    .filter((origin) => origin.startsWith('http://') && !isLoopback(hostOf(origin)))
    .map((origin) =>
      insecure(path, `cors lets ${origin} act with credentials, and anybody on the way can change that page`),
    );
}

function hostOf(origin: string): string {
  return origin.slice('http://'.length).replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
}
