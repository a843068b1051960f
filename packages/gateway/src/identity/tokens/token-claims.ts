import type { IdentityProviderConfig } from '@turnpike/config';

import type { Claims, Json } from '../../core/identity.ts';
import type { TokenReason } from './token-refusals.ts';

/** What is expected of a token, beside a right signature. */
export type Expectations = Pick<
  IdentityProviderConfig,
  'issuer' | 'audiences' | 'clockToleranceMs' | 'tokenType'
>;

/** Values of `typ` that an access token may have; `''` is none. Not those of other tokens of the same issuer. */
const ACCESS_TOKEN_TYPES = ['', 'jwt', 'at+jwt'];
/** Words for other tokens, in claims: in `typ` at Keycloak, in `token_use` at Amazon Cognito and Ory Hydra. */
const OTHER_KINDS: ReadonlySet<unknown> = new Set(['id', 'refresh', 'refresh_token', 'offline', 'logout']);
/** Values of `typ` that a logout token may have; `''` is none. */
const LOGOUT_TOKEN_TYPES = ['', 'jwt', 'logout+jwt'];
/** How far the clock of a provider may be ahead of ours, if the configuration does not allow for more. */
const AHEAD_MS = 60_000;
/** The last second that a date can name. */
const LAST_SECOND = 8.64e12;

/**
 * What is wrong with a signed token that is presented as an access token, or null (RFC 7519 §4.1, RFC 8725 §3, RFC 9068
 * §4). `iss` must be the configured text exactly: issuers with a placeholder, as Entra ID's common endpoint publishes
 * them, are not supported; name the tenant.
 */
export function faultOfClaims(
  type: string,
  claims: Claims,
  expected: Expectations,
  nowMs: number,
): TokenReason | null {
  if (!ACCESS_TOKEN_TYPES.includes(type)) return 'type';
  if (expected.tokenType === 'at+jwt' && type !== 'at+jwt') return 'type';
  if (isOfOtherKind(claims)) return 'type';
  if (claims['iss'] !== expected.issuer) return 'issuer';
  if (expected.audiences.length > 0 && !isFor(claims['aud'], expected.audiences)) return 'audience';
  if (claims['exp'] === undefined) return 'claims';
  return faultOfTimes(claims, expected.clockToleranceMs, nowMs);
}

/** What is wrong with the answer of an introspection (RFC 7662 §2.2), where every claim may be left out. */
export function faultOfAnswer(claims: Claims, expected: Expectations, nowMs: number): TokenReason | null {
  const { iss, aud, token_type: type } = claims;
  if (isOfOtherKind(claims) || (type !== undefined && !isTokenType(type))) return 'type';
  if (iss !== undefined && iss !== expected.issuer) return 'issuer';
  if (aud !== undefined && expected.audiences.length > 0 && !isFor(aud, expected.audiences))
    return 'audience';
  return faultOfTimes(claims, expected.clockToleranceMs, nowMs);
}

/** What is wrong with a token of a provider to its client, or null. Of access tokens it differs by its type. */
export function faultOfLogout(
  type: string,
  claims: Claims,
  { issuer, clockToleranceMs }: Pick<Expectations, 'issuer' | 'clockToleranceMs'>,
  nowMs: number,
): TokenReason | null {
  if (!LOGOUT_TOKEN_TYPES.includes(type)) return 'type';
  if (claims['iss'] !== issuer) return 'issuer';
  // Providers of before 2023 leave `exp` out; then `iat` has to do.
  return faultOfTimes(claims, clockToleranceMs, nowMs);
}

/** When a token stops being good by what it says, in milliseconds since 1970; Infinity when it does not say. */
export function expiryMs({ exp }: Claims): number {
  return typeof exp === 'number' ? exp * 1000 : Infinity;
}

function faultOfTimes({ exp, nbf, iat }: Claims, toleranceMs: number, nowMs: number): TokenReason | null {
  if (!isTimeOrAbsent(exp) || !isTimeOrAbsent(nbf) || !isTimeOrAbsent(iat)) return 'claims';
  if (exp !== undefined && exp * 1000 + toleranceMs <= nowMs) return 'expired';
  if (nbf !== undefined && nbf * 1000 - toleranceMs > nowMs) return 'not-yet-valid';
  if (iat !== undefined && iat * 1000 - Math.max(AHEAD_MS, toleranceMs) > nowMs) return 'not-yet-valid';
  return null;
}

/** RFC 7519 §2, NumericDate; fractions are allowed. */
function isTimeOrAbsent(value: Json | undefined): value is number | undefined {
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= LAST_SECOND);
}

/** RFC 7519 §4.1.3: one text, or a list of them. */
function isFor(audience: Json | undefined, ours: readonly string[]): boolean {
  if (typeof audience === 'string') return ours.includes(audience);
  if (!Array.isArray(audience)) return false;
  return audience.every((one) => typeof one === 'string') && audience.some((one) => ours.includes(one));
}

/**
 * Whether the claims say that it is no access token. Many ID tokens have no type of their own in the header, and every
 * introspection endpoint knows refresh tokens; `events` makes it a security event, such as a logout (RFC 8417 §2.2).
 */
function isOfOtherKind({ events, typ, token_use: use }: Claims): boolean {
  return events !== undefined || OTHER_KINDS.has(inLowerCase(typ)) || OTHER_KINDS.has(inLowerCase(use));
}

function inLowerCase(value: Json | undefined): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

function isTokenType(type: Json): boolean {
  return typeof type === 'string' && ['bearer', 'dpop'].includes(type.toLowerCase());
}
