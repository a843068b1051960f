import type { Path } from '../path.ts';
import { isActive, type WrittenPolicies } from '../resolve/access-policies.ts';
import { type WrittenRateLimit, writtenRateLimits } from '../resolve/rate-limit.ts';

/** A limit as it is written, and where. */
export interface LimitPlace {
  readonly limit: WrittenRateLimit;
  readonly path: Path;
}

/** The limits of one place, those that are off among them. `path` ends with `policies`. */
export function limitPlaces({ rateLimit }: WrittenPolicies, path: Path): readonly LimitPlace[] {
  const at = [...path, 'rateLimit'];
  const isList = Array.isArray(rateLimit);
  return writtenRateLimits(rateLimit).map((limit, index) => ({ limit, path: isList ? [...at, index] : at }));
}

/** Those that are not off. */
export function activeLimitPlaces(policies: WrittenPolicies, path: Path): readonly LimitPlace[] {
  return limitPlaces(policies, path).filter(({ limit }) => isActive(limit));
}
