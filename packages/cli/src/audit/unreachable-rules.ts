import type { AddressBlock, GatewayConfig, RateLimitConfig, RouteConfig } from '@turnpike/config';
import type { LoadedFiles, Path } from '@turnpike/config/load';
import { policyPath, valueAt } from '../written.ts';
import type { Advice, Auditor } from './audit.ts';

type Written = LoadedFiles['written'];
type RouteAudit = (route: RouteConfig, written: Written, config: GatewayConfig) => readonly Advice[];

const AUDITS: readonly RouteAudit[] = [
  limitsBehindOthers,
  deniedBeforeAllowed,
  bodiesThatCannotCome,
  answersThatCannotBeKept,
  methodsThatPagesCannotUse,
];

/** Rules that no request comes to, or that decide about none that does. */
export const unreachableRules: Auditor = (config, written) =>
  config.routes
    // Those that the program adds have nothing that somebody wrote.
    .filter(({ id }) => valueAt(written.document, ['routes', id]) !== undefined)
    .flatMap((route) => AUDITS.flatMap((audit) => audit(route, written, config)));

function noEffect(route: RouteConfig, path: Path, what: string): Advice {
  return { code: 'NO_EFFECT', message: `routes.${route.id}: ${what}`, path };
}

/** A limit that is never used up, because another with the same key always is before it. */
function limitsBehindOthers(route: RouteConfig, { document }: Written): Advice[] {
  const { rateLimit } = route.policies;
  const at = policyPath(document, route.id, 'rateLimit');
  const isList = Array.isArray(valueAt(document, at));
  return rateLimit.flatMap((limit, index) => {
    const other = rateLimit.find((one) => one !== limit && isTighter(one, limit));
    if (other === undefined) return [];
    const path = isList ? [...at, index] : at;
    return [
      noEffect(
        route,
        path,
        `the limit ${limit.name} is never reached, because ${other.name} is always used up before it`,
      ),
    ];
  });
}

/** Whatever fills the one has filled the other before: as many or fewer at once and over its time, of the same requests. */
function isTighter(one: RateLimitConfig, other: RateLimitConfig): boolean {
  const isOfMore = one.when === null || one.when === other.when;
  const isSlower = one.limit / one.windowMs <= other.limit / other.windowMs && one.burst <= other.burst;
  const isSame = one.limit === other.limit && one.windowMs === other.windowMs && one.burst === other.burst;
  return (
    isPlain(one) &&
    isPlain(other) &&
    one.mode === 'on' &&
    // A sliding window may let through twice its limit around its end.
    one.algorithm === 'gcra' &&
    other.algorithm === 'gcra' &&
    JSON.stringify(one.by) === JSON.stringify(other.by) &&
    isOfMore &&
    isSlower &&
    // Of two that are the same the first is the one to keep.
    !(isSame && one.name > other.name)
  );
}

/** It counts requests, for each caller by itself. */
function isPlain({ limitFrom, cost, responseCost, percent, group }: RateLimitConfig): boolean {
  return limitFrom === null && cost === null && responseCost === null && percent === 100 && group === null;
}

/** Addresses that are let in and turned away: the latter counts. */
function deniedBeforeAllowed(route: RouteConfig, { document }: Written): Advice[] {
  const { ipAccess } = route.policies;
  if (ipAccess?.mode !== 'on' || ipAccess.allow === null) return [];
  const { allow, deny } = ipAccess;
  const path = [...policyPath(document, route.id, 'ipAccess'), 'allow'];
  const blocks = allow.blocks
    .filter((block) => deny.blocks.some((wider) => contains(wider, block)))
    .map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  const lists = allow.lists.filter((list) => deny.lists.includes(list)).map((list) => `@${list}`);
  return [...blocks, ...lists].map((name) =>
    noEffect(route, path, `ipAccess lets ${name} in and denies it; deny wins`),
  );
}

function contains(wider: AddressBlock, block: AddressBlock): boolean {
  if (wider.family !== block.family || wider.prefixLength > block.prefixLength) return false;
  const bits = wider.family === 'ipv4' ? 32 : 128;
  const shift = BigInt(bits - wider.prefixLength);
  return numberOf(wider) >> shift === numberOf(block) >> shift;
}

function numberOf({ address, family }: AddressBlock): bigint {
  if (family === 'ipv4') return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail = ''] = expandIpv4(address).split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

/** `::ffff:192.0.2.1` in groups. */
function expandIpv4(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}

/** GET and HEAD with a body are refused before any route is looked for. */
function bodiesThatCannotCome(route: RouteConfig, { document }: Written): Advice[] {
  const { methods } = route.match;
  if (methods.length === 0 || !methods.every((method) => method === 'GET' || method === 'HEAD')) return [];
  const limits = ['routes', route.id, 'policies', 'limits'];
  const written = ['bodyBytes', 'decompressedBytes', 'jsonDepth']
    .map((key) => [...limits, key])
    .concat([['routes', route.id, 'policies', 'validate', 'body']])
    .filter((path) => valueAt(document, path) !== undefined);
  return written.map((path) =>
    noEffect(
      route,
      path,
      `${path.slice(3).join('.')} decides nothing, because the route takes no method with a body`,
    ),
  );
}

/** Only answers to GET, HEAD and QUERY are kept. */
function answersThatCannotBeKept(route: RouteConfig, { document }: Written): Advice[] {
  const { match, policies } = route;
  if (policies.cache === null || match.methods.length === 0) return [];
  const kept = policies.cache.queryMethod ? ['GET', 'HEAD', 'QUERY'] : ['GET', 'HEAD'];
  if (match.methods.some((method) => kept.includes(method))) return [];
  const path = policyPath(document, route.id, 'cache');
  return [noEffect(route, path, `cache keeps nothing, because the route takes none of ${kept.join(', ')}`)];
}

/** Browsers are told that they may, and then the route does not take the method. */
function methodsThatPagesCannotUse(route: RouteConfig, { document }: Written): Advice[] {
  const { match, policies } = route;
  if (policies.cors === null || match.methods.length === 0) return [];
  const path = [...policyPath(document, route.id, 'cors'), 'methods'];
  return policies.cors.methods
    .filter((method) => !match.methods.includes(method) && method !== 'HEAD' && method !== 'OPTIONS')
    .map((method) => noEffect(route, path, `cors lets pages use ${method}, which the route does not take`));
}
