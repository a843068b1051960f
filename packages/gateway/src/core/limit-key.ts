import { hash } from 'node:crypto';
import type { LimitKeyConfig, RateLimitConfig } from '@turnpike/config';
import { keyPart, namedPart, type KeyFacts, type KeyPart } from './limit-key-parts.ts';

export type { KeyFacts } from './limit-key-parts.ts';

/** Under what an exchange is counted; null: it has no key, and `whenKeyMissing` says whether that is forgiven. */
export type LimitKey = KeyPart;

/**
 * Compiles the key of a limit. What is the same in all of `by` has the same key, and nothing else has: parts are joined
 * with their lengths. A part that is missing makes the whole key missing, unless all that lack it share a bucket.
 *
 * Clients choose much of a key, so a long one is replaced by its hash: no key has more than {@link LONGEST_KEY} characters.
 */
export function limitKey(
  by: readonly LimitKeyConfig[],
  whenKeyMissing: RateLimitConfig['whenKeyMissing'],
  facts: KeyFacts,
): LimitKey {
  const isShared = whenKeyMissing === 'shared';
  const parts = by.map((part) => keyPart(part, facts));
  const [first] = parts;
  if (first === undefined) return () => '';
  const missing = isShared ? MISSING : null;
  const whole = parts.length === 1 ? first : several(parts, isShared);
  return (exchange) => {
    const key = whole(exchange) ?? missing;
    return key === null ? null : bounded(key);
  };
}

/** What is missing is empty: no part that is there ever is. */
const MISSING = '';

function several(parts: readonly KeyPart[], isShared: boolean): KeyPart {
  return (exchange) => {
    let key = '';
    for (const part of parts) {
      const text = part(exchange) ?? (isShared ? MISSING : null);
      if (text === null) return null;
      key += measured(text);
    }
    return key;
  };
}

function measured(text: string): string {
  return `${text.length}:${text}`;
}

/**
 * The key of an exchange whose parts say these values, in the order of `by`: for people who ask about it. An empty value
 * stands for a part that is missing; where a part cannot say such a thing, its index.
 */
export function namedKey(by: readonly LimitKeyConfig[], values: readonly string[]): string | number {
  const texts: string[] = [];
  for (const [i, part] of by.entries()) {
    const text = values[i] ? namedPart(part, values[i]) : MISSING;
    if (text === null) return i;
    texts.push(text);
  }
  return bounded(texts.length > 1 ? texts.map(measured).join('') : (texts[0] ?? ''));
}

/** In UTF-16 units. */
export const LONGEST_KEY = 256;
/** Before a hash; a key that begins with it is hashed too, so that nobody writes the hash of somebody else's key. */
const HASHED = '#';

function bounded(key: string): string {
  if (key.length <= LONGEST_KEY && !key.startsWith(HASHED)) return key;
  return HASHED + hash('sha256', key, 'base64url');
}
