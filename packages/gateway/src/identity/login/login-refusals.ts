import type { Refusal } from '../../core/identity.ts';

/** Why nobody can log in, or stay logged in. Closed, because every reason is a series of the metrics. */
export const LOGIN_REASONS = [
  /** The provider does not answer. */
  'login-unavailable',
  /** Browsers keep no session where they see us by plain http. */
  'insecure',
] as const;

/** Whoever has a session or wants one has to wait for the provider. */
export function unavailable(provider: string): Refusal {
  const detail = `The identity provider ${provider} does not answer.`;
  return { ...REFUSED, code: 'IDENTITY_UNAVAILABLE', reason: 'login-unavailable', detail };
}

/** A login would lead to nothing, and the browser round and round. */
export function insecure(): Refusal {
  const detail = 'Logins need https: browsers keep no session over plain http.';
  return { ...REFUSED, code: 'UNAUTHENTICATED', reason: 'insecure', detail };
}

const REFUSED = { kind: 'refused', challenge: '' } as const;
