import type { GraphqlConfig } from '@turnpike/config';
import { collectBody } from '../../core/collect-body.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Operation, Reply, Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import { Documents, type DocumentPorts } from './documents.ts';
import { judge } from './judge.ts';
import { bodyText, isJson, readBody, readQuery, type ReadRequests } from './request.ts';
import { violation, type Violation } from './violation.ts';

/** What the stage reaches the world through. */
export interface GraphqlPorts extends DocumentPorts {
  readonly decisions: DecisionsOf;
  /** Counts an operation; `isKnown` says that its name does not come from the client. */
  readonly countOperation: (operation: Operation, isKnown: boolean) => void;
}

/**
 * Looks at GraphQL operations before a service executes them (GraphQL over HTTP): refuses those that are malformed, that the
 * route does not know, or that ask for too much, and tells later stages their name and cost.
 *
 * What a service gets is what was judged: a body is written anew, so that a key that is there twice cannot be read in two ways,
 * and the text of an operation that was only named is put in. Subscriptions over server-sent events pass like queries; what
 * is said in a WebSocket is not looked at.
 */
export function graphql(config: GraphqlConfig | null, ports: GraphqlPorts): Wrapper | null {
  if (config === null) return null;
  const { bodyBytes, mode } = config;
  const documents = new Documents(config, ports);
  const plan = { config, documents, library: ports.library() };
  const decisions = ports.decisions('graphql');

  async function look(exchange: Exchange): Promise<Looked> {
    const requests = await readRequests(exchange, bodyBytes);
    if ('reason' in requests) return { violation: requests };
    const judged = await judge(requests, plan);
    const { operation } = judged;
    exchange.operation = operation;
    if (operation !== null) ports.countOperation(operation, documents.isClosed);
    if (judged.violation !== null) return { violation: judged.violation };
    if (operation?.type === 'mutation' && exchange.method !== 'POST')
      return { violation: violation('method') };
    return { violation: null, requests, documents: judged.documents };
  }

  return (next) => {
    const serve = async (exchange: Exchange): Promise<Reply> => {
      const looked = await look(exchange);
      if (looked.violation === null) {
        decisions.allowed();
        rewrite(exchange, looked);
        return next(exchange);
      }
      const { reason } = looked.violation;
      if (mode === 'report') {
        decisions.reported(reason);
        return next(exchange);
      }
      decisions.denied(reason);
      return refusal(exchange, looked.violation);
    };

    // What is asked in a preflight or over a WebSocket is no operation.
    return (exchange) =>
      exchange.method === 'OPTIONS' || exchange.upgrade !== '' ? next(exchange) : serve(exchange);
  };
}

/** A request that was read and judged, and is good; or what is wrong with it. */
type Looked =
  | {
      readonly violation: null;
      readonly requests: ReadRequests;
      readonly documents: readonly { readonly text: string }[];
    }
  | { readonly violation: Violation };

async function readRequests(exchange: Exchange, bodyBytes: number): Promise<ReadRequests | Violation> {
  const { method } = exchange;
  const query = exchange.query.slice(1);
  if (method === 'GET' || method === 'HEAD') return asRequests(readQuery(query));
  if (method !== 'POST') return violation('method');
  if (!isJson(exchange)) return violation('media-type');
  const { bytes, body } = await collectBody(exchange, exchange.body, bodyBytes);
  exchange.body = body;
  return bytes === null ? violation('too-large') : asRequests(readBody(bytes, query));
}

function refusal(exchange: Exchange, { code, rule, messages }: Violation): Reply {
  const { body } = exchange;
  if (typeof body === 'object') body?.cancel();
  const fields = code === 'METHOD_NOT_ALLOWED' ? ALLOW : [];
  return refuse(exchange, code, { rule, detail: messages.join(' '), fields });
}

const ALLOW = [['Allow', 'POST']] as const;

function asRequests(read: ReadRequests | string): ReadRequests | Violation {
  return typeof read === 'string' ? violation('malformed', read) : read;
}

/** By GET nothing is written anew but what was only named, and that becomes a POST: texts may be long. */
function rewrite(
  exchange: Exchange,
  { requests, documents }: Extract<Looked, { readonly violation: null }>,
): void {
  const isNamed = requests.requests.some(({ query }) => query === null);
  if (exchange.method !== 'POST' && !isNamed) return;
  exchange.body = bodyText(requests, documents);
  if (exchange.method === 'POST') return;
  exchange.targetMethod = 'POST';
  exchange.targetQuery = '';
  exchange.headers = exchange.headers.share().set('Content-Type', 'application/json');
}
