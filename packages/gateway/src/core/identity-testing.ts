import type { Identity } from './identity.ts';

/** For tests: a caller with a token, with whatever matters set. */
export function callerOf(fields: Partial<Identity> = {}): Identity {
  return {
    method: 'token',
    provider: 'corporate',
    subject: 'alice',
    consumer: '',
    clientId: '',
    scopes: [],
    claims: {},
    metadata: {},
    plan: '',
    key: 'corporate alice',
    token: 'tok-alice',
    expiresAtMs: Infinity,
    ...fields,
  };
}
