import { identityDemand, type Demand } from './demand.ts';

/** Asks for all of these scopes. */
export function allScopes(scopes: readonly string[]): Demand {
  const shortfall = {
    reason: 'scopes',
    rule: 'authorize.scopes',
    code: 'FORBIDDEN',
    detail: `This takes all of the scopes ${scopes.join(' ')}.`,
    scopes,
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
    scopes,
  } as const;
  return identityDemand(shortfall, (identity) => scopes.some((scope) => identity.scopes.includes(scope)));
}
