import { checkExpression, compileExpression } from '../expression.ts';
import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { AuthorizeConfig, RouteConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Check } from './check.ts';

type PolicyKey = 'authorize' | 'upstreamCredentials' | 'forwardIdentity';

/** What asks who is calling stands on routes where somebody finds out. */
export const callersAreKnown: Check = ({ routes }, _referenceAt, document) =>
  routes.flatMap((route): Draft[] => {
    const { authenticate, authorize, upstreamCredentials } = route.policies;
    const hasTokens = authenticate !== null && authenticate.providers.length > 0;
    const drafts: Draft[] = [];
    const from = [
      ['routes', route.id, 'policies', 'authenticate'],
      ['defaults', 'policies', 'authenticate'],
    ];
    if (authenticate === null && authorize !== null && asksWho(authorize)) {
      const message = 'authorize asks who is calling, but nobody finds out; add authenticate';
      drafts.push({ code: 'CONFLICT', ...placeOf(route, 'authorize', document, message), from });
    }
    if (upstreamCredentials?.grant === 'token-exchange' && !hasTokens) {
      const message = 'tokenExchange needs the token of a caller; add authenticate with an identity provider';
      drafts.push({ code: 'CONFLICT', ...placeOf(route, 'upstreamCredentials', document, message), from });
    }
    return drafts;
  });

function asksWho({ scopes, anyScope, claims, rule }: AuthorizeConfig): boolean {
  if (scopes.length > 0 || anyScope.length > 0 || claims.length > 0) return true;
  return rule !== null && checkExpression(rule) === null && compileExpression(rule).variables.has('identity');
}

/** A service is told who is calling where that is known. Of the defaults that is not asked: some routes are for anybody. */
export const forwardedIdentitiesAreKnown: Check = ({ routes }, _referenceAt, document) =>
  routes.flatMap((route): Draft[] => {
    const { authenticate, forwardIdentity } = route.policies;
    if (forwardIdentity === 'off' || authenticate !== null || !isOwn(route, 'forwardIdentity', document))
      return [];
    const message = 'forwardIdentity has nobody to tell of; add authenticate, or remove it';
    const place = placeOf(route, 'forwardIdentity', document, message);
    return [{ code: 'NO_EFFECT', ...place, severity: 'warning' }];
  });

/** Only services get credentials and identities. Those of the defaults are for the routes that have one. */
export const onlyServicesAreTold: Check = ({ routes }, _referenceAt, document) =>
  routes.flatMap((route): Draft[] => {
    const { target, policies } = route;
    if (target.kind === 'service') return [];
    const { upstreamCredentials, forwardIdentity } = policies;
    return [
      ...(upstreamCredentials === null ? [] : noEffect(route, 'upstreamCredentials', document)),
      ...(forwardIdentity === 'off' ? [] : noEffect(route, 'forwardIdentity', document)),
    ];
  });

function noEffect(route: RouteConfig, policy: PolicyKey, document: ResolvedDocument): Draft[] {
  if (!isOwn(route, policy, document)) return [];
  const message = `${policy} has no effect beside ${route.target.kind}; remove one of them`;
  return [{ code: 'CONFLICT', ...placeOf(route, policy, document, message) }];
}

function isOwn({ id }: RouteConfig, policy: PolicyKey, { routes }: ResolvedDocument): boolean {
  return (routes.get(id)?.policies[policy] ?? null) !== null;
}

/** At the policy, or at the route if the policy is one of the defaults. */
function placeOf(
  route: RouteConfig,
  policy: PolicyKey,
  document: ResolvedDocument,
  message: string,
): { readonly message: string; readonly path: Path; readonly at: 'key' } {
  const path = ['routes', route.id];
  if (isOwn(route, policy, document)) path.push('policies', policy);
  return { message: `routes.${route.id}: ${message}`, path, at: 'key' };
}
