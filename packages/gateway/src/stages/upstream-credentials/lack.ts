import type { UpstreamCredentialsConfig } from '@turnpike/config';
import type { ErrorCode } from '../../core/errors.ts';
import type { Particulars } from '../../core/problem.ts';
import { PAUSE_MS } from './token-source.ts';

/** What follows when there is no token for the service. */
export interface Lack {
  readonly decision: 'denied' | 'failed';
  readonly code: ErrorCode;
  readonly particulars: Particulars;
}

/**
 * What to do without a token: the caller is turned away when it is the caller's token that was not good for one, and told
 * to come back when it is the provider or our own credentials.
 */
export function lack(
  reason: 'no-subject-token' | 'refused' | 'unavailable',
  { grant, provider }: UpstreamCredentialsConfig,
): Lack {
  switch (reason) {
    case 'no-subject-token':
      return forbidden('This route is for callers with an access token, which is exchanged for the service.');
    case 'refused':
      return grant === 'token-exchange'
        ? forbidden(`The identity provider ${provider} gives this caller no token for the service.`)
        : unavailable(`The identity provider ${provider} refuses the credentials of the gateway.`);
    case 'unavailable':
      return unavailable(`The identity provider ${provider} gives no token at the moment.`, [
        ['Retry-After', String(PAUSE_MS / 1000)],
      ]);
    default:
      return reason satisfies never;
  }
}

const rule = 'upstreamCredentials';

function forbidden(detail: string): Lack {
  return { decision: 'denied', code: 'FORBIDDEN', particulars: { rule, detail } };
}

function unavailable(detail: string, fields: NonNullable<Particulars['fields']> = []): Lack {
  return { decision: 'failed', code: 'CREDENTIALS_UNAVAILABLE', particulars: { rule, detail, fields } };
}
