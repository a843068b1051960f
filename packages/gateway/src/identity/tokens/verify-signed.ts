import type { Claims, Refusal } from '../../core/identity.ts';
import type { Clock } from '../../core/ports.ts';
import { confirmationOf } from './confirmation.ts';
import { readJws, type Jws } from './jws.ts';
import type { Provider } from './provider.ts';
import { tokenDigest } from './refused-tokens.ts';
import { SIGNATURE_ALGORITHMS } from './signature-algorithms.ts';
import { readJsonObject } from './strict-json.ts';
import { expiryMs, faultOfClaims } from './token-claims.ts';
import { refusal, unavailable } from './token-refusals.ts';
import type { VerificationKey } from './verification-key.ts';
import { verifiedToken, type VerifiedToken } from './verified-token.ts';

/** A token that was read, and that is not believed yet. */
interface Claimed {
  readonly token: string;
  readonly jws: Jws;
  readonly claims: Claims;
}

/**
 * Judges a signed token (RFC 7519 §7.2, RFC 8725, RFC 9068 §4). Its issuer chooses the provider before anything is
 * computed; a route may have several providers of one issuer, and then one that accepts it is enough.
 */
export async function verifySigned(
  token: string,
  providers: readonly Provider[],
  clock: Clock,
): Promise<VerifiedToken | Refusal> {
  const jws = readJws(token);
  if (typeof jws === 'string') return refusal(jws);
  const claims = readJsonObject(jws.payload);
  if (claims === null) return refusal('malformed');

  let verdict: VerifiedToken | Refusal = refusal('issuer');
  for (const provider of providers) {
    if (claims['iss'] !== provider.config.issuer) continue;
    verdict = await verifyFor(provider, { token, jws, claims }, clock);
    if (verdict.kind === 'verified') break;
  }
  return verdict;
}

/**
 * 1. What the token claims and how it is signed must be acceptable. That costs a hundredth of a signature, so it comes
 *    first; what is wrong with a token that may be forged is no secret.
 * 2. One of the provider's keys must fit, by the id that the token names and by the algorithm.
 * 3. The signature must be right.
 */
async function verifyFor(
  provider: Provider,
  { token, jws, claims }: Claimed,
  clock: Clock,
): Promise<VerifiedToken | Refusal> {
  // 1.
  const { config, refused } = provider;
  const fault = faultOfClaims(jws.type, claims, config, clock.epoch());
  if (fault !== null) return refusal(fault);
  const confirmation = confirmationOf(claims, config);
  if (typeof confirmation === 'string') return refusal(confirmation);
  const digest = tokenDigest(token);
  const known = refused.reasonFor(digest, clock.now());
  if (known !== null) return refusal(known);

  // 2 and 3.
  const key = await signingKey(jws, provider);
  if ('kind' in key) {
    if (key.reason === 'signature') refused.add(digest, 'signature', clock.now());
    return key;
  }
  const goodUntilMs = expiryMs(claims) + config.clockToleranceMs;
  const proven = { token, claims, provider, confirmation, key, goodUntilMs };
  const verified = verifiedToken({ ...proven, askAgainAtMs: Infinity });
  return verified ?? refusal('claims');
}

/** The key of the provider that has signed it, with an algorithm that is accepted; or why there is none. */
export async function signingKey(jws: Jws, provider: Provider): Promise<VerificationKey | Refusal> {
  const { config } = provider;
  const allowedAs = SIGNATURE_ALGORITHMS.get(jws.algorithm)?.allowedAs;
  if (allowedAs === undefined || !config.algorithms.includes(allowedAs)) return refusal('algorithm');
  const keys = await provider.keysFor(jws);
  if (keys.length === 0) {
    return provider.knowsItsKeys ? refusal('unknown-key') : unavailable('keys-unavailable', config.id);
  }
  const fitting = keys.filter(({ verifiers }) => verifiers.has(jws.algorithm));
  if (fitting.length === 0) return refusal('algorithm');
  return signerOf(jws, fitting) ?? refusal('signature');
}

function signerOf({ algorithm, signed, signature }: Jws, keys: readonly VerificationKey[]) {
  return keys.find(({ verifiers }) => verifiers.get(algorithm)?.(signed, signature)) ?? null;
}
