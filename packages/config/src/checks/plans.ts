import { editDistance } from '../nearest.ts';
import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { WrittenPolicies } from '../resolve/access-policies.ts';
import { show } from '../walk/walk.ts';
import { activeLimitPlaces } from './limit-places.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf } from './unknown-name.ts';

/**
 * Plans that policies name are spelled as those of consumers. Others may come from elsewhere, so only what is one slip away
 * from one is told.
 */
export const plansAreSpelled: PolicyCheck = ({ path, policies }, { consumers }, referenceAt) => {
  const named = plansOf(policies, path);
  if (named.length === 0) return []; // most routes; consumers may be many
  const known = new Set(
    consumers.flatMap(({ id, plan }) =>
      plan === '' || referenceAt(['consumers', id, 'plan']) !== undefined ? [] : [plan],
    ),
  );
  return named.flatMap(([plan, at]): Draft[] => {
    const isSlip = !known.has(plan);
    const suggestion = isSlip ? [...known].find((one) => editDistance(plan, one) === 1) : undefined;
    if (suggestion === undefined) return [];
    const message = `${ownerOf(path)}: no consumer has the plan ${show(plan)}; did you mean ${suggestion}?`;
    const place = { path: at, at: 'key', from: [['consumers']] } as const;
    return [{ code: 'UNKNOWN_NAME', message, ...place, severity: 'warning', suggestion }];
  });
};

function plansOf(policies: WrittenPolicies, path: Path): [plan: string, path: Path][] {
  const limits = activeLimitPlaces(policies, path);
  const { priority } = policies;
  const levels = priority === null || typeof priority === 'string' ? [] : [...priority.plans.keys()];
  return [
    ...limits.flatMap(({ limit, path: at }) =>
      Array.from(limit.plans?.keys() ?? [], (plan): [string, Path] => [plan, [...at, 'plans', plan]]),
    ),
    ...levels.map((plan): [string, Path] => [plan, [...path, 'priority', 'plans', plan]]),
  ];
}
