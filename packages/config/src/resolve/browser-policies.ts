import type { CorsConfig, PoliciesConfig, SecurityHeadersConfig } from '../resolved.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';

/** What browsers may do: a route's policies over the defaults. */
export function resolveBrowserPolicies(
  own: WrittenPolicies,
  defaults: WrittenPolicies,
): Pick<PoliciesConfig, 'cors' | 'securityHeaders'> {
  return {
    cors: resolveCors(own.cors ?? defaults.cors),
    securityHeaders: resolveSecurityHeaders(own.securityHeaders ?? defaults.securityHeaders),
  };
}

function resolveCors(policy: WrittenPolicies['cors']): CorsConfig | null {
  if (!isActive(policy)) return null;
  const { mode, origins, methods, headers, exposeHeaders, credentials, maxAge, privateNetwork } = policy;
  return {
    mode,
    origins: listed(origins),
    methods,
    headers: listed(headers),
    exposeHeaders,
    credentials,
    maxAgeMs: maxAge,
    privateNetwork,
  };
}

function listed(all: '*' | readonly string[]): readonly string[] {
  return all === '*' ? [all] : all;
}

const FEATURES = ['camera', 'geolocation', 'microphone', 'payment', 'usb'];

/**
 * What a careful operator sends for everything. A content security policy is not among it: what pages may load is
 * known to who wrote them.
 */
const SENSIBLE: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': FEATURES.map((feature) => `${feature}=()`).join(', '),
  'x-permitted-cross-domain-policies': 'none',
};

/** The fields that replies should have. Our own of the set stay where an entry does not name them. */
export function resolveSecurityHeaders(
  policy: WrittenPolicies['securityHeaders'],
): SecurityHeadersConfig | null {
  if (policy === 'on') return { mode: 'on', headers: SENSIBLE };
  if (!isActive(policy)) return null;
  const headers = new Map(Object.entries(SENSIBLE));
  for (const [name, value] of policy.entries) {
    if (value === 'off') headers.delete(name.toLowerCase());
    else headers.set(name.toLowerCase(), value);
  }
  return { mode: policy.mode, headers: Object.fromEntries(headers) };
}
