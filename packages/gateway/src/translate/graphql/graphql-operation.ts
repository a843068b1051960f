import type { GraphqlOperationConfig } from '@turnpike/config';
import { exactNumber } from '../../core/exact-json.ts';
import type { Exchange, Handler, Operation, Reply, Wrapper } from '../../core/exchange.ts';
import { invalidArguments, isJsonType, requestArguments } from '../../core/request-arguments.ts';
import {
  askTranslated,
  bodyOf,
  requestHeaders,
  untranslated,
  wholeReply,
} from '../../core/translated-call.ts';
import { answerReply } from './answer-reply.ts';
import { operationVariables, type Variable } from './operation-variables.ts';

/** What the translation works with. */
export interface OperationPorts {
  /** `@turnpike/config/graphql`, once it is loaded. */
  readonly library: () => Pick<
    typeof import('@turnpike/config/graphql'),
    'namedOperation' | 'operationVariables' | 'measure'
  >;
  /** The files that the configuration names, by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** Counts an operation; `isKnown` says that its name does not come from the client. */
  readonly countOperation: (operation: Operation, isKnown: boolean) => void;
}

/**
 * Between HTTP with JSON and one operation of a GraphQL service.
 *
 * 1. The variables of the operation are found in the path, the query and the body. 2. What is inside of this sees a request of
 * GraphQL; what is outside never does. 3. The answer is the data, or one field of it; errors are a problem.
 */
export function graphqlOperation(config: GraphqlOperationConfig, ports: OperationPorts): Wrapper {
  const { field, messageBytes: maxBytes, parameters } = config;
  const known = knownOperation(config, ports);
  const plan = { parameters, maxBytes, rule: RULE, number: exactNumber };

  async function serve(exchange: Exchange, next: Handler): Promise<Reply> {
    const given = await requestArguments(exchange, plan); // 1
    if (given.kind === 'refused') return given.reply;
    const variables = operationVariables(given, known.variables);
    if (typeof variables === 'string') return invalidArguments(exchange, RULE, variables).reply;
    // A fallback asks again.
    if (exchange.operation === null) ports.countOperation(known.operation, true);
    exchange.operation = known.operation;
    const body = bodyOf(JSON.stringify({ query: known.text, operationName: known.name, variables }));
    const headers = requestHeaders(exchange.headers)
      .set('Content-Type', 'application/json')
      .set('Accept', 'application/graphql-response+json, application/json;q=0.9');
    const reply = await askTranslated(exchange, { headers, body }, next); // 2
    if (reply.code !== '' || !isJsonType(reply.headers.get('content-type')))
      return untranslated(reply, 'the answer is no JSON');
    return answerReply(exchange, reply, { text: await wholeReply(exchange, reply, maxBytes), field }); // 3
  }

  return (next) => (exchange) => serve(exchange, next);
}

const RULE = 'translate.graphql';

interface KnownOperation {
  readonly text: string;
  /** Of the operation in the text. */
  readonly name: string | undefined;
  readonly variables: readonly Variable[];
  /** For limits and logs. */
  readonly operation: Operation;
}

/** It was read and checked when the configuration was. */
function knownOperation(
  { document, id }: GraphqlOperationConfig,
  { library, texts }: OperationPorts,
): KnownOperation {
  const { namedOperation, operationVariables: variablesOf, measure } = library();
  const found = namedOperation(texts[document] ?? '{}', id);
  if (typeof found === 'string') throw new Error(`The operation was not checked: ${found}`);
  const { id: ownId, document: opened, node } = found;
  const measures = measure(opened, node, { variables: {}, listSize: 10, schema: null });
  const { cost, depth } = typeof measures === 'string' ? { cost: 0, depth: 0 } : measures;
  const name = node.name?.value;
  return {
    text: opened.text,
    name,
    variables: variablesOf(node),
    operation: { type: node.operation, name: name ?? ownId, cost, depth },
  };
}
