import type { GraphqlOperationConfig } from '@turnpike/config';
import { collectBody } from '../../core/collect-body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { isContentCoded } from '../../core/http/content-coding.ts';
import { refuse } from '../../core/problem.ts';
import { answerReply, type ServiceAnswer } from './answer-reply.ts';
import { requestVariables, type Variable } from './request-variables.ts';

/** What the translation works with. */
export interface OperationPorts {
  /** `@turnpike/config/graphql`, once it is loaded. */
  readonly library: () => Pick<
    typeof import('@turnpike/config/graphql'),
    'openDocument' | 'operationOf' | 'operationVariables'
  >;
  /** The files that the configuration names, by path. */
  readonly texts: Readonly<Record<string, string>>;
}

/**
 * Between HTTP with JSON and one operation of a GraphQL service.
 *
 * 1. The variables of the operation are found in the path, the query and the body. 2. What is inside of this sees a request of
 * GraphQL; what is outside never does. 3. The answer is the data, or one field of it; errors are a problem.
 */
export function graphqlOperation(config: GraphqlOperationConfig, ports: OperationPorts): Wrapper {
  const operation = operationOf(config, ports);

  async function serve(exchange: Exchange, next: Handler): Promise<Reply> {
    if (!hasJson(exchange)) return refuse(exchange, 'UNSUPPORTED_MEDIA_TYPE', ACCEPT);
    const { bytes, body } = await collectBody(exchange, exchange.body, config.messageBytes);
    exchange.body = body;
    if (bytes === null) return tooLarge(exchange);
    const variables = requestVariables(exchange, bytes, { ...operation, parameters: config.parameters }); // 1
    if (typeof variables === 'string')
      return refuse(exchange, 'INVALID_REQUEST', { rule: 'translate.graphql', detail: variables });
    const request = JSON.stringify({ query: operation.text, variables });
    const reply = await asGraphql(exchange, Buffer.from(request).toString('latin1'), next); // 2
    if (reply.code !== '' || !isJson(reply.headers)) return unexpected(reply);
    return answerReply(exchange, await readAnswer(exchange, reply, config.messageBytes), config.field); // 3
  }

  return (next) => (exchange) => serve(exchange, next);
}

interface KnownOperation {
  readonly text: string;
  readonly variables: readonly Variable[];
}

/** It was read and checked when the configuration was. */
function operationOf(
  { document }: GraphqlOperationConfig,
  { library, texts }: OperationPorts,
): KnownOperation {
  const [text = ''] = Object.values(JSON.parse(texts[document] ?? '{}') as Record<string, string>);
  const { openDocument, operationOf: find, operationVariables } = library();
  const opened = openDocument(text, MAX_TOKENS);
  const node = typeof opened === 'string' ? opened : find(opened, null);
  if (typeof node === 'string') throw new Error(`The operation was not checked: ${node}`);
  return { text, variables: operationVariables(node) };
}

const MAX_TOKENS = 100_000;

/** The exchange asks GraphQL until its head is answered, and then again what it did. */
async function asGraphql(exchange: Exchange, body: string, next: Handler): Promise<Reply> {
  const { headers, body: ownBody, targetMethod, targetQuery } = exchange;
  const own = headers.share();
  for (const name of ['content-encoding', 'accept-encoding']) own.delete(name);
  exchange.headers = own
    .set('Content-Type', 'application/json')
    .set('Accept', 'application/graphql-response+json, application/json;q=0.9');
  exchange.body = body;
  exchange.targetMethod = 'POST';
  exchange.targetQuery = '';
  try {
    return await next(exchange);
  } finally {
    exchange.headers = headers;
    exchange.body = ownBody;
    exchange.targetMethod = targetMethod;
    exchange.targetQuery = targetQuery;
  }
}

async function readAnswer(exchange: Exchange, reply: Reply, maxBytes: number): Promise<ServiceAnswer> {
  const { bytes, body } = await collectBody(exchange, reply.body, maxBytes);
  if (bytes === null) {
    if (typeof body === 'object') body?.cancel();
    throw new GatewayError('UPSTREAM_INVALID', `the answer has more than ${maxBytes} bytes`);
  }
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes, 'latin1').toString());
    if (typeof value === 'object' && value !== null) return { ...value, reply };
  } catch {
    // No JSON at all is no better than another kind of it.
  }
  throw new GatewayError('UPSTREAM_INVALID', 'the answer is none of GraphQL');
}

function hasJson({ body, headers }: Exchange): boolean {
  if (body === null) return true;
  const type = headers.get('content-type') ?? '';
  return /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type) && !isContentCoded(headers);
}

function isJson(headers: Headers): boolean {
  return /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(headers.get('content-type') ?? '');
}

/** Our own refusals go on as they are, and so do errors that some server in between has written. */
function unexpected(reply: Reply): Reply {
  if (reply.code !== '' || reply.status >= 300) return reply;
  if (typeof reply.body === 'object') reply.body?.cancel();
  throw new GatewayError('UPSTREAM_INVALID', 'the answer is no JSON');
}

function tooLarge(exchange: Exchange): Reply {
  const { body } = exchange;
  if (typeof body === 'object') body?.cancel();
  return refuse(exchange, 'BODY_TOO_LARGE', { rule: 'translate.graphql.messageSize' });
}

const ACCEPT = { rule: 'translate.graphql', fields: [['Accept', 'application/json']] } as const;
