import type { Claims, Refusal } from '../../core/identity.ts';
import { readJws } from './jws.ts';
import type { Provider } from './provider.ts';
import { readJsonObject } from './strict-json.ts';
import { faultOfLogout } from './token-claims.ts';
import { refusal } from './token-refusals.ts';
import { signingKey } from './verify-signed.ts';

/** A token that its provider has signed. What it says is still to be looked at. */
export interface VerifiedLogout {
  readonly kind: 'verified';
  readonly claims: Claims;
}

/**
 * Verifies a token with which a provider tells its client that sessions are over (OpenID Connect Back-Channel Logout 1.0
 * §2.6, steps 2 to 4): type, issuer, times and signature. The audience and the event are for who knows the client.
 */
export async function verifyLogoutToken(
  token: string,
  provider: Provider,
  nowMs: number,
): Promise<VerifiedLogout | Refusal> {
  const jws = readJws(token);
  if (typeof jws === 'string') return refusal(jws);
  const claims = readJsonObject(jws.payload);
  if (claims === null) return refusal('malformed');
  const fault = faultOfLogout(jws.type, claims, provider.config, nowMs);
  if (fault !== null) return refusal(fault);
  const key = await signingKey(jws, provider);
  return 'kind' in key ? key : { kind: 'verified', claims };
}
