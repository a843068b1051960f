import { hash } from 'node:crypto';
import type { CacheConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { schemeOf } from '../../core/http/scheme.ts';
import { addressOf } from './rules/address.ts';
import { countedQuery, keyMaker } from './rules/key.ts';
import { NO_WISHES, requestDirectivesOf, type RequestDirectives } from './rules/request-directives.ts';
import type { SearchRules } from './search-rules.ts';

/** A request of a client, as the cache understands it. */
export interface Asking {
  readonly exchange: Exchange;
  /** `scheme://authority/path?query`, with the part of the query that counts: a tag of all that is stored for it. */
  readonly address: string;
  /** The query that a service gets: what has no part in the key, it must not see. */
  readonly query: string;
  readonly key: string;
  readonly wishes: RequestDirectives;
  /** Who asks, on a route that knows; null: nobody in particular. */
  readonly caller: string | null;
}

/** Makes what is to be known of requests of a route. `body` is that of a QUERY. */
export type Understand = (exchange: Exchange, body: string | null) => Asking;

/** Compiles that for a route. */
export function understanding(config: CacheConfig, route: string, rules: SearchRules): Understand {
  const makeKey = keyMaker(config.key, route);
  const counted = countedQuery(config.key);

  return (exchange, body) => {
    const { path, headers, identity } = exchange;
    const query = counted(exchange.targetQuery);
    const place = { path, query };
    const scheme = schemeOf(exchange);
    const address = addressOf(scheme, exchange.authority, place);
    const normalised = rules.normalised(address);
    const bodyDigest =
      body === null ? null : hash('sha256', `${headers.get('content-type') ?? ''}\n${body}`, 'base64url');
    return {
      exchange,
      address,
      query,
      key: makeKey({ address: normalised, headers, bodyDigest }),
      wishes: config.ignoreClientCacheControl ? NO_WISHES : requestDirectivesOf(headers),
      caller: identity?.key ?? null,
    };
  };
}
