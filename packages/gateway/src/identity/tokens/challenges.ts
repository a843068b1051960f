import type { IdentityProviderConfig } from '@turnpike/config';

import { SIGNATURE_ALGORITHMS } from './signature-algorithms.ts';

/** Name of what is protected (RFC 9110 §11.5). */
export const REALM = 'realm="turnpike"';

/** What a DPoP proof may be signed with (RFC 9449 §7.1). */
export const PROOF_ALGORITHMS = `algs="${[...SIGNATURE_ALGORITHMS.keys()].join(' ')}"`;

/**
 * Values of `WWW-Authenticate` for who brings no token (RFC 6750 §3, RFC 9449 §7.1): each scheme with which tokens of some
 * provider of the route can come.
 */
export function challengesOf(providers: readonly IdentityProviderConfig[]): readonly string[] {
  const proven = `DPoP ${REALM}, ${PROOF_ALGORITHMS}`;
  return takesBearer(providers) ? [`Bearer ${REALM}`, proven] : [proven];
}

/** Whether a token may come without a proof. Every provider may bind its tokens to keys, so all take those with one. */
export function takesBearer(providers: readonly IdentityProviderConfig[]): boolean {
  return providers.some(({ dpop }) => dpop === 'optional');
}
