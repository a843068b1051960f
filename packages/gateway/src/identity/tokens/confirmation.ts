import type { IdentityProviderConfig } from '@turnpike/config';

import type { Claims, Json } from '../../core/identity.ts';
import { isJsonObject } from './strict-json.ts';

/** What proves that a token belongs to who presents it (RFC 7800 §3.1); all that is not null must hold. */
export interface Confirmation {
  /** Thumbprint of the key of a DPoP proof (RFC 9449 §6.1). */
  readonly jkt: string | null;
  /** SHA-256 of the client certificate, in base64url (RFC 8705 §3.1). */
  readonly certificate: string | null;
}

/**
 * What a token is bound to, or null when it is to nothing. `'confirmation'`: to something that we cannot check. RFC 7800
 * would have us ignore what we do not know, but then a token that was bound to a key would be good for whoever finds it.
 * `'unbound'`: not to a key, where its provider binds all tokens.
 */
export function confirmationOf(
  { cnf }: Claims,
  { dpop }: Pick<IdentityProviderConfig, 'dpop'>,
): Confirmation | null | 'confirmation' | 'unbound' {
  if (cnf === undefined) return dpop === 'required' ? 'unbound' : null;
  if (!isJsonObject(cnf)) return 'confirmation';
  const { jkt = null, 'x5t#S256': certificate = null } = cnf;
  if (!isTextOrNull(jkt) || !isTextOrNull(certificate)) return 'confirmation';
  if (jkt === null && dpop === 'required') return 'unbound';
  return jkt === null && certificate === null ? 'confirmation' : { jkt, certificate };
}

function isTextOrNull(value: Json): value is string | null {
  return value === null || typeof value === 'string';
}
