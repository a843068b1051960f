import type { ConsumerConfig } from '@turnpike/config';
import type { Authentication, Identity } from '../../core/identity.ts';

/** For tests: a consumer with what matters. */
export function consumer(id: string, fields: Partial<ConsumerConfig> = {}): ConsumerConfig {
  return {
    id,
    keys: [],
    certificates: [],
    basic: [],
    scopes: [],
    plan: '',
    metadata: {},
    origin: { file: 'test', line: 1, column: 1 },
    ...fields,
  };
}

/** For tests: a key that does not expire. */
export function key(text: string, expiresAtMs: number | null = null): ConsumerConfig['keys'][number] {
  return { key: text, expiresAtMs };
}

/** For tests: the id of who was found, or why nobody was. */
export function outcome(answer: Authentication): string {
  if (answer.kind === 'identified') return answer.identity.consumer;
  return answer.kind === 'refused' ? `${answer.code} ${answer.reason}` : answer.kind;
}

/** For tests: the id of who was recalled. */
export function recalled(identity: Identity | null): string | null {
  return identity === null ? null : identity.consumer;
}
