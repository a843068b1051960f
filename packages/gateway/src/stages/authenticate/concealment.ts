import type { AuthenticateConfig, CredentialSource } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { deleteCookies } from '../../core/http/cookies.ts';
import { withoutParameter } from '../../core/http/query.ts';

/** Takes out of a request what the service must not see, once it is clear who is calling. */
export type Conceal = (exchange: Exchange) => void;

/**
 * What has to go under this policy. A service that is shown the keys, passwords and sessions of its callers could act in
 * their name at every other one; tokens are made to be shown, to those that they are for.
 *
 * For a caller without credentials there is nothing to take but the cookie of a session that is over. In report mode nothing
 * is taken at all: the service may still be the one that asks for them.
 */
export function concealment(config: AuthenticateConfig, sessionCookies: readonly string[]): Conceal {
  const { mode, forwardCredentials, consumers, apiKeyFrom } = config;
  if (mode === 'report' || forwardCredentials === 'all') return () => {};
  const keys = (consumers ? apiKeyFrom : []).map(concealKey);
  const concealSession = concealSessions(sessionCookies);
  const keepsTokens = forwardCredentials === 'tokens';

  return (exchange) => {
    concealSession?.(exchange);
    const { identity, headers } = exchange;
    if (identity === null) return;
    for (const conceal of keys) conceal(exchange);
    // A proof is for one request to us (RFC 9449 §4.2).
    headers.delete('dpop');
    if (!keepsTokens || identity.method === 'basic') headers.delete('authorization');
  };
}

function concealKey({ in: place, name }: CredentialSource): Conceal {
  switch (place) {
    case 'header':
      return ({ headers }) => headers.delete(name);
    case 'cookie':
      return ({ headers }) => deleteCookies(headers, (cookie) => cookie === name);
    case 'query': {
      const bytes = Buffer.from(name).toString('latin1');
      return (exchange) => {
        if (exchange.query !== '') exchange.targetQuery = withoutParameter(exchange.targetQuery, bytes);
      };
    }
    default:
      return place satisfies never;
  }
}

/** A session may be in several cookies: `name`, `name.1`, … */
function concealSessions(names: readonly string[]): Conceal | null {
  if (names.length === 0) return null;
  const isOurs = (cookie: string) => names.some((name) => cookie === name || cookie.startsWith(`${name}.`));
  return ({ headers }) => deleteCookies(headers, isOurs);
}
