import type { Draft } from '../issue.ts';
import { claimPath, pathParametersOf } from '../format/claim.ts';
import { parametersOf } from '../format/path-pattern.ts';
import type { Path } from '../path.ts';
import { several, type WrittenPolicies } from '../resolve/access-policies.ts';
import type { RouteCheck } from './check.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf, unknownParameter } from './unknown-name.ts';

type Authorize = Exclude<WrittenPolicies['authorize'], 'off' | null>;

/** An authorisation asks for something: one that was forgotten must not look like one that holds. */
export const conditionsAreGiven: PolicyCheck = ({ path, policies: { authorize } }) => {
  if (authorize === null || authorize === 'off') return [];
  const { scopes, anyScope, claims, rule, external } = authorize;
  const isEmpty = scopes.length === 0 && anyScope.length === 0 && claims.size === 0;
  if (!isEmpty || rule !== null || external !== null) return [];
  const message = `${ownerOf(path)}: authorize asks for nothing; give it scopes, anyScope, claims, rule or external`;
  return [{ code: 'MISSING_KEY', message, path: [...path, 'authorize'], at: 'key' }];
};

/** Names of claims lead somewhere. The dots of a URL are part of a name, and easily forgotten. */
export const claimsAreNamed: PolicyCheck = ({ path, policies: { authorize } }) => {
  if (authorize === null || authorize === 'off') return [];
  return [...authorize.claims].flatMap(([name, values]): Draft[] => {
    const at = [...path, 'authorize', 'claims', name];
    const about = `${ownerOf(path)}: the claim ${JSON.stringify(name)}`;
    if (several(values).length === 0) {
      const message = `${about} may have no value at all; list some, or remove it`;
      return [{ code: 'BAD_VALUE', message, path: at }];
    }
    const steps = claimPath(name);
    if (steps.includes(''))
      return [{ code: 'BAD_VALUE', message: `${about} has an empty name in it`, path: at, at: 'key' }];
    if (!/^https?:\/\//.test(name) || name.includes('\\') || steps.length === 1) return [];
    const suggestion = name.replaceAll('.', '\\.');
    const message = `${about} is a URL with dots, which lead into objects; did you mean ${suggestion}?`;
    return [{ code: 'BAD_VALUE', message, path: at, at: 'key', suggestion }];
  });
};

/** Values of claims use parameters that the path of the route has. */
export const claimParametersExist: RouteCheck = (_config, referenceAt, { routes, defaults }) =>
  Array.from(routes).flatMap(([id, { match, policies }]) => {
    const authorize = policies.authorize ?? defaults.policies.authorize;
    if (authorize === null || authorize === 'off') return [];
    const known = new Set(parametersOf(match.path));
    return pathParameters(authorize, ['routes', id, 'policies', 'authorize'])
      .filter(({ name }) => !known.has(name))
      .map((parameter) => unknownParameter({ ...parameter, pattern: match.path }, known, referenceAt));
  });

function pathParameters({ claims }: Authorize, path: Path): { name: string; path: Path }[] {
  return [...claims].flatMap(([claim, values]) => {
    const at = [...path, 'claims', claim];
    return several(values).flatMap((value, index) => {
      const place = Array.isArray(values) ? [...at, index] : at;
      const names = typeof value === 'string' ? pathParametersOf(value) : [];
      return names.map((name) => ({ name, path: place }));
    });
  });
}
