import type { ErrorBodyConfig, PoliciesConfig } from '../resolved.ts';
import { resolveAccessPolicies, type WrittenPolicies as Policies } from './access-policies.ts';
import { resolveBrowserPolicies } from './browser-policies.ts';
import { resolveCache } from './cache-policy.ts';
import type { Context } from './context.ts';
import { resolveGraphql } from './graphql.ts';
import { NO_REQUEST_LIMITS, NORMAL, resolveLimitPolicies, resolveRequestLimits } from './limit-policies.ts';
import { NO_CHANGES, resolveMessages } from './message-policies.ts';
import { resolvePlugins } from './plugins.ts';
import { NO_RESILIENCE, resolveResilience } from './resilience-policies.ts';
import { NO_STREAMS, resolveStreams } from './stream-policies.ts';
import { type PolicySource, resolveValidate } from './validate.ts';

/** A route without any. */
export const NO_POLICIES: PoliciesConfig = {
  ipAccess: null,
  authenticate: null,
  authorize: null,
  upstreamCredentials: null,
  forwardIdentity: 'off',
  rateLimit: [],
  concurrency: null,
  priority: NORMAL,
  validate: null,
  graphql: null,
  cors: null,
  securityHeaders: null,
  ...NO_REQUEST_LIMITS,
  timeoutMs: null,
  ...NO_RESILIENCE,
  ...NO_STREAMS,
  cache: null,
  ...NO_CHANGES,
  plugins: [],
  errors: {},
};

/** A route's policies over the defaults: naming a policy replaces the default whole, `off` removes it. */
export function resolvePolicies(
  own: PolicySource,
  inherited: PolicySource,
  context: Context,
): PoliciesConfig {
  const [mine, defaults] = [own.policies, inherited.policies];
  const access = resolveAccessPolicies(mine, defaults);
  return {
    ...access,
    ...resolveLimitPolicies(mine, defaults, access.authenticate),
    ...resolveBrowserPolicies(mine, defaults),
    ...resolveRequestLimits(mine.limits ?? defaults.limits),
    validate: resolveValidate(own, inherited, context),
    graphql: resolveGraphql(own, inherited, context),
    ...resolveResilience(mine, defaults),
    ...resolveStreams(mine, defaults),
    cache: resolveCache(mine, defaults),
    ...resolveMessages(mine, defaults),
    plugins: resolvePlugins(own, inherited, context),
    timeoutMs: present(mine.timeout ?? defaults.timeout),
    errors: resolveErrors(present(mine.errors ?? defaults.errors)),
  };
}

function present<T>(policy: T | 'off' | null): T | null {
  return policy === 'off' ? null : policy;
}

const NO_ERRORS: PoliciesConfig['errors'] = {};

function resolveErrors(errors: Exclude<Policies['errors'], 'off'>): PoliciesConfig['errors'] {
  if (errors === null) return NO_ERRORS;
  const entries = Array.from(
    errors,
    ([status, { body, contentType, status: other }]): [string, ErrorBodyConfig] => [
      status,
      { status: other ?? Number(status), body, contentType },
    ],
  );
  return Object.fromEntries(entries);
}
