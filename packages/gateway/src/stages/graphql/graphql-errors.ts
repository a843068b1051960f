import type { GraphqlConfig } from '@turnpike/config';
import type { ErrorCode } from '../../core/errors.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';

const RESPONSE_TYPE = 'application/graphql-response+json';

/** What is wrong with an operation, in a request that could be read: older clients get a 200 for that. */
const OF_OPERATION: ReadonlySet<ErrorCode | ''> = new Set<ErrorCode>([
  'GRAPHQL_SYNTAX',
  'GRAPHQL_INVALID',
  'GRAPHQL_LIMITED',
  'GRAPHQL_UNKNOWN',
  'GRAPHQL_FORBIDDEN',
]);

/** What clients of automatic persisted operations look for. */
const CODES = new Map<ErrorCode | '', string>([['GRAPHQL_UNKNOWN', 'PERSISTED_QUERY_NOT_FOUND']]);

/**
 * Writes every error of ours on this route as GraphQL clients read it: `errors` with a message and a code (GraphQL over HTTP,
 * "Response"). Errors of the service pass as they are.
 */
export function graphqlErrors(config: GraphqlConfig | null): Wrapper | null {
  if (config === null) return null;
  return (next) => async (exchange) => {
    const reply = await next(exchange);
    const isProblem = reply.headers.get('content-type') === 'application/problem+json';
    if (reply.code === '' || !isProblem || typeof reply.body !== 'string') return reply;
    return asGraphql(exchange, reply, reply.body);
  };
}

function asGraphql(exchange: Exchange, reply: Reply, text: string): Reply {
  const { title, detail, code, rule, requestId, errors } = JSON.parse(
    Buffer.from(text, 'latin1').toString(),
  ) as Record<string, unknown>;
  const extensions = {
    code: CODES.get(reply.code) ?? code,
    ...(rule !== undefined && { rule }),
    ...(errors !== undefined && { errors }),
    requestId,
  };
  const isNew = (exchange.headers.getList('accept') ?? '').toLowerCase().includes(RESPONSE_TYPE);
  const headers = reply.headers.share();
  headers.set('Content-Type', isNew ? RESPONSE_TYPE : 'application/json');
  const body = JSON.stringify({ errors: [{ message: detail ?? title, extensions }] });
  const status = !isNew && OF_OPERATION.has(reply.code) ? 200 : reply.status;
  return { ...reply, status, headers, body: Buffer.from(body).toString('latin1') };
}
