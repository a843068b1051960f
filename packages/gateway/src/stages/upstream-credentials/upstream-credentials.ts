import type { UpstreamCredentialsConfig } from '@turnpike/config';
import type { Decisions } from '../../core/decisions.ts';
import type { Exchange, Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import { lack } from './lack.ts';
import type { ServiceTokens } from './service-tokens.ts';
import type { ServiceToken } from './token-source.ts';
import { untilCancelled } from '../../core/until-cancelled.ts';

/** What the stage works with. */
export interface UpstreamCredentialsPorts {
  readonly tokens: ServiceTokens;
  readonly decisions: Decisions;
}

/**
 * Calls the service with a token made for it: one of the gateway (RFC 6749 §4.4), or one of the caller, exchanged for the
 * token that the caller brought (RFC 8693). It takes the place of `Authorization`, whatever the client sent there.
 *
 * A client that goes away does not end the fetch, because others wait for the same token.
 */
export function upstreamCredentials(
  config: UpstreamCredentialsConfig | null,
  ports: UpstreamCredentialsPorts,
): Wrapper | null {
  if (config === null) return null;
  return config.mode === 'report' ? reporting(config, ports) : acting(config, ports);
}

function acting(config: UpstreamCredentialsConfig, { tokens, decisions }: UpstreamCredentialsPorts): Wrapper {
  const source = tokens.source(config);
  const subjectTokenOf = SUBJECT_TOKEN[config.grant];

  return (next) => async (exchange) => {
    const subjectToken = subjectTokenOf(exchange);
    const answer =
      subjectToken === null
        ? NO_SUBJECT_TOKEN
        : (source.recall(subjectToken) ?? (await untilCancelled(exchange, source.obtain(subjectToken))));
    if (answer.kind !== 'token') {
      const { decision, code, particulars } = lack(answer.kind, config);
      decisions[decision](answer.kind);
      return refuse(exchange, code, particulars);
    }
    decisions.allowed();
    exchange.headers.set('Authorization', answer.authorization);
    return next(exchange);
  };
}

/** Fetches what would be sent, beside the request, and sends none of it. */
function reporting(
  config: UpstreamCredentialsConfig,
  { tokens, decisions }: UpstreamCredentialsPorts,
): Wrapper {
  const source = tokens.source(config);
  const subjectTokenOf = SUBJECT_TOKEN[config.grant];
  const count = ({ kind }: ServiceToken | typeof NO_SUBJECT_TOKEN): void => {
    if (kind === 'token') decisions.allowed();
    else decisions.reported(kind);
  };

  return (next) => (exchange) => {
    const subjectToken = subjectTokenOf(exchange);
    const known = subjectToken === null ? NO_SUBJECT_TOKEN : source.recall(subjectToken);
    if (known !== null) count(known);
    else if (subjectToken !== null) void source.obtain(subjectToken).then(count);
    return next(exchange);
  };
}

const NO_SUBJECT_TOKEN = { kind: 'no-subject-token' } as const;

/** The token to exchange, `''` when none is needed, and null when there should be one. */
const SUBJECT_TOKEN: Readonly<
  Record<UpstreamCredentialsConfig['grant'], (exchange: Exchange) => string | null>
> = {
  'client-credentials': () => '',
  'token-exchange': ({ identity }) => (identity === null || identity.token === '' ? null : identity.token),
};
