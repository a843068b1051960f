import { expressionNames } from '../expression.ts';
import type { Draft } from '../issue.ts';
import { dotted } from '../path.ts';
import type { AuthorizeConfig } from '../resolved.ts';
import {
  authenticatePaths,
  type Holder,
  type HolderCheck,
  isOwn,
  placeOf,
  type PolicyKey,
} from './holders.ts';
import { servicesOf } from '../resolve/target-services.ts';

/** What asks who is calling stands on routes where somebody finds out. */
export const callersAreKnown: HolderCheck = (holder) => {
  const { authenticate, authorize, upstreamCredentials } = holder.route.policies;
  const hasTokens = authenticate !== null && authenticate.providers.length > 0;
  const owner = dotted(holder.path);
  const from = authenticatePaths(holder);
  const drafts: Draft[] = [];
  if (authenticate === null && authorize !== null && asksWho(authorize)) {
    const message = `${owner}: authorize asks who is calling, but nobody finds out; add authenticate`;
    drafts.push({ code: 'CONFLICT', message, ...placeOf(holder, ['authorize']), from });
  }
  if (upstreamCredentials?.grant === 'token-exchange' && !hasTokens) {
    const message = `${owner}: tokenExchange needs the token of a caller; add authenticate with an identity provider`;
    drafts.push({ code: 'CONFLICT', message, ...placeOf(holder, ['upstreamCredentials']), from });
  }
  return drafts;
};

function asksWho({ scopes, anyScope, claims, rule }: AuthorizeConfig): boolean {
  if (scopes.length > 0 || anyScope.length > 0 || claims.length > 0) return true;
  return rule !== null && expressionNames('identity', rule);
}

/** A service is told who is calling where that is known. Of the defaults that is not asked: some routes are for anybody. */
export const forwardedIdentitiesAreKnown: HolderCheck = (holder) => {
  const { authenticate, forwardIdentity } = holder.route.policies;
  if (forwardIdentity === 'off' || authenticate !== null || !isOwn(holder, 'forwardIdentity')) return [];
  const message = `${dotted(holder.path)}: forwardIdentity has nobody to tell of; add authenticate, or remove it`;
  const place = placeOf(holder, ['forwardIdentity']);
  return [{ code: 'NO_EFFECT', message, ...place, severity: 'warning' }];
};

/** Only services get credentials and identities. Those of the defaults are for the routes that have one. */
export const onlyServicesAreTold: HolderCheck = (holder) => {
  const { target, policies } = holder.route;
  if (servicesOf(target).length > 0) return [];
  const { upstreamCredentials, forwardIdentity } = policies;
  return [
    ...(upstreamCredentials === null ? [] : noEffect(holder, 'upstreamCredentials')),
    ...(forwardIdentity === 'off' ? [] : noEffect(holder, 'forwardIdentity')),
  ];
};

function noEffect(holder: Holder, policy: PolicyKey): Draft[] {
  if (!isOwn(holder, policy)) return [];
  const message = `${dotted(holder.path)}: ${policy} has no effect beside ${holder.route.target.kind}; remove one of them`;
  return [{ code: 'CONFLICT', message, ...placeOf(holder, [policy]) }];
}
