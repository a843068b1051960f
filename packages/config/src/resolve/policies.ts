import type { ErrorBodyConfig, PoliciesConfig } from '../resolved.ts';
import { resolveAccessPolicies, type WrittenPolicies as Policies } from './access-policies.ts';

/** A route without any. */
export const NO_POLICIES: PoliciesConfig = {
  ipAccess: null,
  authenticate: null,
  authorize: null,
  upstreamCredentials: null,
  forwardIdentity: 'off',
  bodyBytes: null,
  timeoutMs: null,
  errors: {},
};

/** A route's policies over the defaults: naming a policy replaces the default whole, `off` removes it. */
export function resolvePolicies(own: Policies, defaults: Policies): PoliciesConfig {
  const limits = present(own.limits ?? defaults.limits);
  return {
    ...resolveAccessPolicies(own, defaults),
    bodyBytes: limits?.bodyBytes ?? null,
    timeoutMs: present(own.timeout ?? defaults.timeout),
    errors: resolveErrors(present(own.errors ?? defaults.errors)),
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
