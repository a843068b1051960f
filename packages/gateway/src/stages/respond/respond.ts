import type { Handler, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';

/** What the route answers with. */
export interface RespondPlan {
  readonly status: number;
  readonly body: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Answers without a service. */
export function respond({ status, body, headers }: RespondPlan): Handler {
  const reply: Reply = {
    status,
    headers: headersOf(...headers),
    body: Buffer.from(body).toString('latin1'),
    code: '',
    tunnel: null,
  };
  return () => Promise.resolve(reply);
}
