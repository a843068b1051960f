import type { CredentialSource } from '@turnpike/config';
import type { Exchange } from '../core/exchange.ts';
import { cookieValues } from '../core/http/cookies.ts';
import { queryValues } from '../core/http/query.ts';
import type { Lookup } from './consumers/consumers.ts';
import { onlyField } from '../core/only-field.ts';
import { refused } from './refusals.ts';
import type { CarriedScheme } from './scheme.ts';

const MAX_LENGTH = 512;

/**
 * API keys of consumers, looked for in these places in this order. The first place that has one decides; one that is there
 * twice, or that is too long, is refused.
 */
export function apiKeyScheme(sources: readonly CredentialSource[], keys: Lookup<string>): CarriedScheme {
  const readers = sources.map(readerOf);
  const keyIn = (exchange: Exchange): string | null | undefined => {
    for (const read of readers) {
      const key = read(exchange);
      if (key !== undefined) return key;
    }
    return undefined;
  };

  return {
    challenges: sources.map(challengeOf),
    isCarried: (exchange) => keyIn(exchange) !== undefined,
    recall(exchange) {
      const key = keyIn(exchange);
      return isUsable(key) ? keys.recall(key) : null;
    },
    authenticate(exchange) {
      const key = keyIn(exchange);
      return isUsable(key) ? keys.find(key) : Promise.resolve(MALFORMED);
    },
  };
}

const MALFORMED = refused('malformed', 'There has to be one API key of at most 512 characters.');

/** The key at one place; undefined without one, null when it is malformed or there are several. */
type Reader = (exchange: Exchange) => string | null | undefined;

function readerOf(source: CredentialSource): Reader {
  const { name } = source;
  switch (source.in) {
    case 'header':
      return ({ headers }) => onlyField(headers, name);
    case 'cookie':
      return ({ headers }) => only(cookieValues(headers, name));
    case 'query': {
      const bytes = Buffer.from(name).toString('latin1');
      return ({ query }) => (query === '' ? undefined : only(queryValues(query, bytes)));
    }
    default:
      return source.in satisfies never;
  }
}

function only(values: readonly (string | null)[]): string | null | undefined {
  return values.length > 1 ? null : values[0];
}

function isUsable(key: string | null | undefined): key is string {
  return typeof key === 'string' && key !== '' && key.length <= MAX_LENGTH;
}

/** There is no registered scheme for API keys; this tells a person, or a program that asks, where they go. */
function challengeOf({ in: place, name }: CredentialSource): string {
  return `ApiKey realm="turnpike", in="${place}", name="${quotable(name)}"`;
}

/** For a quoted string (RFC 9110 §5.6.4); the name of a parameter may be any text. */
function quotable(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name.replaceAll(/["\\]/g, String.raw`\$&`) : encodeURIComponent(name);
}
