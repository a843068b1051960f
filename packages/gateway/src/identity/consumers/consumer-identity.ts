import type { Authentication, Claims, Identity } from '../../core/identity.ts';
import type { ConsumerRecord } from './consumer-records.ts';

/** Makes identities of consumers by their numbers: proven in this way, until then. */
export type IdentityOf = (consumer: number, method: Identity['method'], expiresAtMs: number) => Identity;

const NO_CLAIMS: Claims = Object.freeze(Object.create(null));

/** Who a consumer is. */
export function consumerIdentity(
  { id, scopes, metadata, plan }: ConsumerRecord,
  method: Identity['method'],
  expiresAtMs: number,
): Identity {
  return {
    method,
    provider: 'consumers',
    subject: id,
    consumer: id,
    clientId: '',
    scopes,
    claims: NO_CLAIMS,
    metadata,
    plan,
    key: `consumers:${id}`,
    token: '',
    expiresAtMs,
  };
}

const NO_COOKIES: readonly string[] = Object.freeze([]);

/** Consumers have no sessions, so no cookies go back. */
export function identified(identity: Identity): Authentication {
  return { kind: 'identified', identity, cookies: NO_COOKIES };
}
