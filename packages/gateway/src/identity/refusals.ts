import type { Refusal } from '../core/identity.ts';

/** Why credentials of consumers are refused. Closed, because every reason is a series of the metrics. */
export const CREDENTIAL_REASONS = [
  /** It cannot be read, is there twice, or is too long. */
  'malformed',
  /** Nobody has it; a wrong password too. */
  'unknown',
  'expired',
  'not-yet-valid',
  /** Too many passwords wait to be verified. */
  'busy',
] as const;

/** One of the reasons. */
export type CredentialReason = (typeof CREDENTIAL_REASONS)[number];

/** Credentials that are not accepted. The client is told of every scheme, so that it can choose another. */
export function refused(reason: CredentialReason, detail: string): Refusal {
  return { kind: 'refused', code: 'UNAUTHENTICATED', reason, detail, challenge: '' };
}

/** Credentials that nobody can judge at the moment. */
export function unavailable(reason: CredentialReason, detail: string): Refusal {
  return { kind: 'refused', code: 'IDENTITY_UNAVAILABLE', reason, detail, challenge: '' };
}
