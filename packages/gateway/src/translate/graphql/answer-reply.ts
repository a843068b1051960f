import { isJsonObject, parseExactly } from '../../core/exact-json.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { Json } from '../../core/identity.ts';
import { serviceProblem } from '../../core/problem.ts';
import { utf8Text } from '../../core/request-arguments.ts';
import { jsonReply, replyHeaders } from '../../core/translated-call.ts';

/** Codes that many services use (`extensions.code`), as statuses. Those about the operation itself are not the client's fault. */
const STATUSES = new Map<unknown, number>([
  ['BAD_USER_INPUT', 400],
  ['BAD_REQUEST', 400],
  ['UNAUTHENTICATED', 401],
  ['FORBIDDEN', 403],
  ['NOT_FOUND', 404],
  ['CONFLICT', 409],
  ['RATE_LIMITED', 429],
  ['GRAPHQL_PARSE_FAILED', 502],
  ['GRAPHQL_VALIDATION_FAILED', 502],
  ['PERSISTED_QUERY_NOT_FOUND', 502],
]);
const TITLES = new Map([
  [404, 'There is no such thing'],
  [500, 'The service failed'],
  [502, 'The service does not take the operation'],
]);
const MAX_ERRORS = 20;

/** What the service said, and which field of its data is the answer; null: all of it. */
interface Answer {
  readonly text: string;
  readonly field: string | null;
}

/**
 * The data, or one field of it. An answer with errors is a problem (RFC 9457), even if there is data beside them: clients of HTTP
 * would take a part for the whole.
 */
export function answerReply(exchange: Exchange, reply: Reply, { text, field }: Answer): Reply {
  const answer = parseExactly(utf8Text(text) ?? '');
  const { data = null, errors } = isJsonObject(answer) ? answer : {};
  if (Array.isArray(errors) && errors.length > 0) return errorReply(exchange, reply, errors);
  if (!isJsonObject(data)) return withoutData(reply, text);
  const value = field === null ? data : (data[field] ?? null);
  if (value === null) return problem(exchange, reply, { status: 404, members: {} });
  return jsonReply(exchange, reply, JSON.stringify(value));
}

/** A server in between may have failed, and says so in JSON of its own. */
function withoutData(reply: Reply, text: string): Reply {
  if (reply.status >= 300) return { ...reply, body: text };
  throw new GatewayError('UPSTREAM_INVALID', 'the answer is none of GraphQL');
}

function errorReply(exchange: Exchange, reply: Reply, errors: readonly unknown[]): Reply {
  const told = errors.slice(0, MAX_ERRORS).map((error) => {
    const { message, path, extensions } = isJsonObject(error) ? error : {};
    const { code } = isJsonObject(extensions) ? extensions : {};
    return { detail: message, path, code } as { detail?: Json; path?: Json; code?: Json };
  });
  const known = told.map(({ code }) => STATUSES.get(code)).find((status) => status !== undefined);
  const status = known ?? (reply.status >= 400 ? reply.status : 500);
  return problem(exchange, reply, { status, members: { errors: told } });
}

function problem(
  exchange: Exchange,
  reply: Reply,
  { status, members }: { readonly status: number; readonly members: Readonly<Record<string, Json>> },
): Reply {
  const title = TITLES.get(status) ?? 'The service did not accept the request';
  const headers = replyHeaders(reply.headers).set('Cache-Control', 'no-store');
  return serviceProblem(exchange.id, { status, type: 'about:blank', title, detail: '', members, headers });
}
