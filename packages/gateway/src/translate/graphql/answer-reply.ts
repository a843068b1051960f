import type { Exchange, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';

/** What a GraphQL service answered. */
export interface ServiceAnswer {
  readonly data?: unknown;
  readonly errors?: unknown;
  readonly reply: Reply;
}

/** Codes that many services use (`extensions.code`), as statuses. */
const STATUSES = new Map<unknown, number>([
  ['BAD_USER_INPUT', 400],
  ['BAD_REQUEST', 400],
  ['UNAUTHENTICATED', 401],
  ['FORBIDDEN', 403],
  ['NOT_FOUND', 404],
  ['CONFLICT', 409],
  ['RATE_LIMITED', 429],
]);
const MAX_ERRORS = 20;
/** What belongs to a body that is not sent any more. */
const OF_BODY = ['content-length', 'content-encoding', 'etag', 'content-md5', 'digest'] as const;

/** The data, or one field of it. An answer with errors is a problem (RFC 9457), because a part of the data is not what was asked for. */
export function answerReply(exchange: Exchange, answer: ServiceAnswer, field: string | null): Reply {
  const { data = null, errors, reply } = answer;
  if (Array.isArray(errors) && errors.length > 0) return errorReply(exchange, errors);
  if (data === null || typeof data !== 'object') return errorReply(exchange, []);
  const value = field === null ? data : ((data as Readonly<Record<string, unknown>>)[field] ?? null);
  if (value === null) return problemReply(exchange, { status: 404, title: 'There is no such thing' });
  const headers = reply.headers.share();
  for (const name of OF_BODY) headers.delete(name);
  headers.set('Content-Type', 'application/json');
  return { ...reply, headers, body: Buffer.from(JSON.stringify(value)).toString('latin1') };
}

function errorReply(exchange: Exchange, errors: readonly unknown[]): Reply {
  const told = errors.slice(0, MAX_ERRORS).map((error) => {
    const { message, path, extensions } = (error ?? {}) as Readonly<Record<string, unknown>>;
    const { code } = (extensions ?? {}) as Readonly<Record<string, unknown>>;
    return { detail: message, ...(path !== undefined && { path }), ...(code !== undefined && { code }) };
  });
  const status = told.map(({ code }) => STATUSES.get(code)).find((known) => known !== undefined) ?? 502;
  const title = status === 502 ? 'The service could not answer' : 'The service did not accept the request';
  return problemReply(exchange, { status, title, errors: told });
}

function problemReply(
  exchange: Exchange,
  problem: { readonly status: number; readonly title: string; readonly errors?: object },
): Reply {
  const text = JSON.stringify({ type: 'about:blank', ...problem, requestId: exchange.id });
  const headers = headersOf(['Content-Type', 'application/problem+json'], ['Cache-Control', 'no-store']);
  return {
    status: problem.status,
    headers,
    body: Buffer.from(text).toString('latin1'),
    code: '',
    tunnel: null,
  };
}
