import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { WrittenPolicies } from '../resolve/access-policies.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { ReferenceAt, RouteCheck, Surroundings } from './check.ts';

/** Policies as they are written in one place: the defaults, or a route. */
export interface PolicyPlace {
  /** Ends with `policies`. */
  readonly path: Path;
  readonly policies: WrittenPolicies;
}

/** Says what is wrong with the policies of one place, whichever routes inherit them. */
export type PolicyCheck = (
  place: PolicyPlace,
  config: Surroundings,
  referenceAt: ReferenceAt,
) => readonly Draft[];

/** Runs checks in every place where policies are written, so that a fault of the defaults is told once. */
export function inEveryPlace(...checks: readonly PolicyCheck[]): RouteCheck {
  return (config, referenceAt, document) =>
    policyPlaces(document).flatMap((place) => checks.flatMap((check) => check(place, config, referenceAt)));
}

/** The defaults, every API and every route. */
export function policyPlaces({
  defaults,
  apis,
  routes,
}: Pick<ResolvedDocument, 'defaults' | 'apis' | 'routes'>): PolicyPlace[] {
  return [
    { path: ['defaults', 'policies'], policies: defaults.policies },
    ...Array.from(apis, ([name, { policies }]) => ({ path: ['apis', name, 'policies'], policies })),
    ...Array.from(routes, ([id, { policies }]) => ({ path: ['routes', id, 'policies'], policies })),
  ];
}
