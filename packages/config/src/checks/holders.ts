import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { GatewayConfig, RouteConfig } from '../resolved.ts';
import type { WrittenPolicies } from '../resolve/access-policies.ts';
import { apiOf } from '../resolve/apis.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { ReferenceAt, RouteCheck, WrittenSurroundings } from './check.ts';

/** The name of a policy. */
export type PolicyKey = keyof WrittenPolicies;

/** What has policies of its own over the defaults: a route, or an API, all of whose routes have the same. */
export interface Holder {
  /** `['routes', name]` or `['apis', name]`. */
  readonly path: Path;
  readonly own: WrittenPolicies;
  /** The route, or the first one of the API. */
  readonly route: RouteConfig;
}

/** Says what is wrong with the policies that act on one route or API, its own and those of the defaults. */
export type HolderCheck = (
  holder: Holder,
  document: WrittenSurroundings,
  referenceAt: ReferenceAt,
) => readonly Draft[];

/** Runs checks on every route and API, which is told of its faults once, however many operations it has. */
export function onEveryHolder(...checks: readonly HolderCheck[]): RouteCheck {
  return (config, referenceAt, document) =>
    policyHolders(config, document).flatMap((holder) =>
      checks.flatMap((check) => check(holder, document, referenceAt)),
    );
}

/** Everything that has policies, but for what other sections add. */
function policyHolders(
  { routes }: Pick<GatewayConfig, 'routes'>,
  document: Pick<ResolvedDocument, 'routes' | 'apis'>,
): readonly Holder[] {
  const seen = new Set<string>();
  return routes.flatMap((route): Holder[] => {
    const api = apiOf(route.id);
    if (api !== null && seen.has(api)) return [];
    if (api !== null) seen.add(api);
    const own = api === null ? document.routes.get(route.id) : document.apis.get(api);
    if (own === undefined) return [];
    return [{ path: sectionPath(route), own: own.policies, route }];
  });
}

/** Where a route is written: itself, or the API that it comes from. */
export function sectionPath({ id }: RouteConfig): Path {
  const api = apiOf(id);
  return api === null ? ['routes', id] : ['apis', api];
}

/** Whether it has a policy by itself, and not from the defaults. */
export function isOwn({ own }: Holder, policy: PolicyKey): boolean {
  return own[policy] !== null;
}

/** At a policy, or at something in it; at the route or API if the policy is one of the defaults. */
export function placeOf(holder: Holder, below: readonly [PolicyKey, ...Path]): Pick<Draft, 'path' | 'at'> {
  return { path: isOwn(holder, below[0]) ? [...holder.path, 'policies', ...below] : holder.path, at: 'key' };
}

/** Where it is written who is calling, there or in the defaults: what nobody could read, nothing is concluded from. */
export function authenticatePaths({ path }: Pick<Holder, 'path'>): readonly Path[] {
  return [
    [...path, 'policies', 'authenticate'],
    ['defaults', 'policies', 'authenticate'],
  ];
}
