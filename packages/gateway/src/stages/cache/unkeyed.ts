import type { CacheConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { schemeOf } from '../../core/http/scheme.ts';
import { deleteOverrides } from './rules/key.ts';

/**
 * What trusted proxies say of the host and the path that the client asked for. Some services make addresses of it; no key has it, so we say
 * ourselves what the key has. `X-Forwarded-Proto` is in it as the scheme, and where a request came from changes nothing.
 */
const TOLD = [
  'forwarded',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
];

/** The fields of a request without those that could change the answer and are not in its key. A copy. */
export function keyedFields(exchange: Exchange, { key }: Pick<CacheConfig, 'key'>): Headers {
  const headers = exchange.headers.share();
  if (headers.has('x-forwarded-proto')) headers.set('X-Forwarded-Proto', schemeOf(exchange));
  deleteOverrides(headers, key);
  for (const name of TOLD) {
    if (!key.headers.includes(name)) headers.delete(name);
  }
  return headers;
}
