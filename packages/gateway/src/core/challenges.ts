import type { Identity } from './identity.ts';

/** Where a route has no ways in of its own, the word of another service decides, and nobody knows what that takes. */
const ANY = ['Bearer realm="turnpike"'] as const;

/** Values of `WWW-Authenticate` for who brings nothing: those of the route (RFC 9110 §11.6.1). */
export function challengesFor(ofRoute: readonly string[]): readonly string[] {
  return ofRoute.length === 0 ? ANY : ofRoute;
}

/** The same, where scopes will be asked for: those who get a token for it need not come twice (RFC 6750 §3). */
export function challengesForScopes(
  ofRoute: readonly string[],
  scopes: readonly string[],
): readonly string[] {
  return challengesFor(ofRoute).map((challenge) => {
    if (!/^(?:Bearer|DPoP)\b/i.test(challenge) || scopes.length === 0) return challenge;
    return `${challenge}${challenge.includes(' ') ? ',' : ''} scope="${scopes.join(' ')}"`;
  });
}

/**
 * The one for a token that lacks scopes, by the scheme that it came with (RFC 6750 §3.1, RFC 9449 §7.1); keys and sessions have
 * no word for it. Scopes have neither quotes nor backslashes (RFC 6749 §3.3), so they need no escapes.
 */
export function insufficientScope(scopes: readonly string[], identity: Identity | null): readonly string[] {
  if (scopes.length === 0 || identity?.method !== 'token') return [];
  const scheme = isBoundToKey(identity) ? 'DPoP' : 'Bearer';
  return [`${scheme} error="insufficient_scope", scope="${scopes.join(' ')}"`];
}

/** Such a token comes with a proof, and no other does. */
function isBoundToKey({ claims: { cnf } }: Identity): boolean {
  return typeof cnf === 'object' && cnf !== null && Object.hasOwn(cnf, 'jkt');
}
