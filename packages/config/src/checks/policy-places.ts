import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { GatewayConfig } from '../resolved.ts';
import type { WrittenPolicies } from '../resolve/access-policies.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Check, ReferenceAt } from './check.ts';

/** Policies as they are written in one place: the defaults, or a route. */
export interface PolicyPlace {
  /** Ends with `policies`. */
  readonly path: Path;
  readonly policies: WrittenPolicies;
}

/** What policies may lean on: all but the routes that have them. */
type Ground = Omit<GatewayConfig, 'routes'>;

/** Says what is wrong with the policies of one place, whichever routes inherit them. */
export type PolicyCheck = (place: PolicyPlace, config: Ground, referenceAt: ReferenceAt) => readonly Draft[];

/**
 * Runs checks in every place where policies are written, so that a fault of the defaults is told once.
 *
 * Policies that were sound are looked at again only when something else than routes has changed: there may be thousands.
 */
export function inEveryPlace(...checks: readonly PolicyCheck[]): Check {
  const soundOn = memory();
  return (config, referenceAt, document) => {
    const sound = soundOn(config);
    return policyPlaces(document).flatMap((place) => {
      if (sound.has(place.policies)) return [];
      const drafts = checks.flatMap((check) => check(place, config, referenceAt));
      if (drafts.length === 0) sound.add(place.policies);
      return drafts;
    });
  };
}

/** Gives what is known to be sound on the same ground; on another one, nothing is. */
function memory(): (config: GatewayConfig) => WeakSet<WrittenPolicies> {
  let ground: readonly unknown[] = [];
  let sound = new WeakSet<WrittenPolicies>();
  return (config) => {
    const now = Object.values({ ...config, routes: null });
    if (now.length !== ground.length || now.some((part, index) => part !== ground[index]))
      sound = new WeakSet();
    ground = now;
    return sound;
  };
}

/** The defaults, every API and every route. */
export function policyPlaces({ defaults, apis, routes }: ResolvedDocument): PolicyPlace[] {
  return [
    { path: ['defaults', 'policies'], policies: defaults.policies },
    ...Array.from(apis, ([name, { policies }]) => ({ path: ['apis', name, 'policies'], policies })),
    ...Array.from(routes, ([id, { policies }]) => ({ path: ['routes', id, 'policies'], policies })),
  ];
}
