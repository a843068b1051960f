import { identityDemand, type Demand } from './demand.ts';

/** Asks for all of these scopes. */
export function allScopes(scopes: readonly string[]): Demand {
  const shortfall = {
    reason: 'scopes',
    rule: 'authorize.scopes',
    code: 'FORBIDDEN',
    detail: `This takes all of the scopes ${scopes.join(' ')}.`,
    challenge: insufficientScope(scopes),
  } as const;
  return identityDemand(shortfall, (identity) => scopes.every((scope) => identity.scopes.includes(scope)));
}

/** Asks for one of these scopes. */
export function anyScope(scopes: readonly string[]): Demand {
  const shortfall = {
    reason: 'any-scope',
    rule: 'authorize.anyScope',
    code: 'FORBIDDEN',
    detail: `This takes one of the scopes ${scopes.join(' ')}.`,
    challenge: insufficientScope(scopes),
  } as const;
  return identityDemand(shortfall, (identity) => scopes.some((scope) => identity.scopes.includes(scope)));
}

/** RFC 6750 §3.1. Scopes have neither quotes nor backslashes (RFC 6749 §3.3), so they need no escapes. */
function insufficientScope(scopes: readonly string[]): string {
  return `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`;
}
