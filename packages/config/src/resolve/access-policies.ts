import { claimPath } from '../format/claim.ts';
import type {
  AddressRuleConfig,
  AuthenticateConfig,
  AuthorizeConfig,
  IpAccessConfig,
  PoliciesConfig,
  PolicyMode,
  UpstreamCredentialsConfig,
} from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';

/** Policies as they are written in one place: in the defaults, or on a route. */
export type WrittenPolicies = ResolvedDocument['defaults']['policies'];

/** The word in `authenticate.with` that means those whom `consumers` lists. */
export const CONSUMERS = 'consumers';

/** Whether a policy does something: it is neither left out nor off. */
export function isActive<T extends { readonly mode: PolicyMode | 'off' }>(
  policy: T | 'off' | null,
): policy is T & { readonly mode: PolicyMode } {
  return policy !== null && policy !== 'off' && policy.mode !== 'off';
}

/** Who may come in, and as whom we go on: a route's policies over the defaults. */
export function resolveAccessPolicies(
  own: WrittenPolicies,
  defaults: WrittenPolicies,
): Pick<
  PoliciesConfig,
  'ipAccess' | 'authenticate' | 'authorize' | 'upstreamCredentials' | 'forwardIdentity'
> {
  return {
    ipAccess: resolveIpAccess(own.ipAccess ?? defaults.ipAccess),
    authenticate: resolveAuthenticate(own.authenticate ?? defaults.authenticate),
    authorize: resolveAuthorize(own.authorize ?? defaults.authorize),
    upstreamCredentials: resolveUpstreamCredentials(own.upstreamCredentials ?? defaults.upstreamCredentials),
    forwardIdentity: own.forwardIdentity ?? defaults.forwardIdentity ?? 'off',
  };
}

/** Who may come, by address. */
export function resolveIpAccess(policy: WrittenPolicies['ipAccess']): IpAccessConfig | null {
  if (!isActive(policy)) return null;
  const { mode, allow, deny } = policy;
  return { mode, allow: allow && resolveRule(allow), deny: resolveRule(deny) };
}

type WrittenRule = Exclude<WrittenPolicies['ipAccess'], 'off' | null>['deny'];

function resolveRule(rule: WrittenRule): AddressRuleConfig {
  return {
    blocks: rule.flatMap((one) => ('list' in one ? [] : [one])),
    lists: rule.flatMap((one) => ('list' in one ? [one.list] : [])),
  };
}

/** One value or several, as several. */
export function several<T extends string | number | boolean>(one: T | readonly T[]): readonly T[] {
  return typeof one === 'object' ? one : [one];
}

function resolveAuthenticate(policy: WrittenPolicies['authenticate']): AuthenticateConfig | null {
  if (!isActive(policy)) return null;
  const ways = new Set(several(policy.with));
  const { mode, optional, apiKeyFrom, forwardCredentials } = policy;
  const consumers = ways.delete(CONSUMERS);
  return { mode, providers: [...ways], consumers, optional, apiKeyFrom, forwardCredentials };
}

function resolveAuthorize(policy: WrittenPolicies['authorize']): AuthorizeConfig | null {
  if (!isActive(policy)) return null;
  const { mode, scopes, anyScope, claims, rule, external } = policy;
  return {
    mode,
    scopes,
    anyScope,
    claims: Array.from(claims, ([name, values]) => ({ path: claimPath(name), values: several(values) })),
    rule,
    external: external && {
      ...external.url,
      timeoutMs: external.timeout,
      onFailure: external.onFailure,
      cacheMs: external.cache,
      requestHeaders: external.requestHeaders,
      upstreamHeaders: external.upstreamHeaders,
      clientHeaders: external.clientHeaders,
    },
  };
}

function resolveUpstreamCredentials(
  policy: WrittenPolicies['upstreamCredentials'],
): UpstreamCredentialsConfig | null {
  if (!isActive(policy)) return null;
  const { mode, clientCredentials, tokenExchange, scopes, audience } = policy;
  return {
    mode,
    grant: tokenExchange === null ? 'client-credentials' : 'token-exchange',
    provider: tokenExchange ?? clientCredentials ?? '',
    scopes,
    audience,
  };
}
