import type { CacheConfig } from '@turnpike/config';
import { HOP_BY_HOP } from '../../../core/header-names.ts';
import { Headers } from '../../../core/headers.ts';
import type { ResponseDirectives } from './response-directives.ts';

/** Fields of one message or one connection, beside those that no proxy forwards (RFC 9111 §3.1). `Age` is worked out anew. */
const NOT_STORED = new Set([
  'age',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'trailer',
]);

/**
 * The fields of a response that are stored. Those that the response wants to be withheld are not, nor, with `setCookie: strip`, are
 * cookies. What `Connection` names is gone since it was read.
 */
export function storedFields(
  headers: Headers,
  { withheldFields }: ResponseDirectives,
  { setCookie }: Pick<CacheConfig, 'setCookie'>,
): Headers {
  const stored = new Headers();
  for (const [i, name] of headers.names.entries()) {
    const isWithheld = withheldFields.includes(name.lower) || NOT_STORED.has(name.lower);
    const isCookie = setCookie === 'strip' && name.lower === 'set-cookie';
    if (isWithheld || isCookie || (name.flags & HOP_BY_HOP) !== 0) continue;
    stored.appendNamed(name, headers.values[i] ?? '');
  }
  return stored;
}
