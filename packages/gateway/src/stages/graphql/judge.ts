import type { GraphqlConfig } from '@turnpike/config';
import type { Operation } from '../../core/exchange.ts';
import type { Documents, GraphqlLibrary } from './documents.ts';
import type { GraphqlRequest, ReadRequests } from './request.ts';
import { excess, violation, type Violation } from './violation.ts';

/** What came of looking at all that a request asks for. */
export interface Judged {
  /** The first thing that is wrong, or null. */
  readonly violation: Violation | null;
  /** As far as it could be measured. */
  readonly operation: Operation | null;
  /** The documents in the order of the requests, as far as they are known. */
  readonly documents: readonly { readonly text: string }[];
}

/** Looks at operations before anybody executes them. */
export async function judge(
  { requests }: ReadRequests,
  plan: { readonly config: GraphqlConfig; readonly documents: Documents; readonly library: GraphqlLibrary },
): Promise<Judged> {
  const { maxBatch, maxCost } = plan.config;
  const texts: { text: string }[] = [];
  let operation: Operation | null = null as Operation | null;
  const tooMany = excess('batch', 'The number of operations', { is: requests.length, most: maxBatch });
  if (tooMany !== null) return { violation: tooMany, operation, documents: texts };
  for (const request of requests) {
    const one = judgeOne(request, await plan.documents.textOf(request), plan);
    if (one.text !== null) texts.push({ text: one.text });
    operation = together(operation, one.operation);
    const cost = excess('cost', 'The cost', { is: operation?.cost ?? 0, most: maxCost });
    const found = one.violation ?? cost;
    if (found !== null) return { violation: found, operation, documents: texts };
  }
  return { violation: null, operation, documents: texts };
}

/** Of a batch, the first with the cost of all. */
function together(all: Operation | null, one: Operation | null): Operation | null {
  if (all === null || one === null) return all ?? one;
  return { ...all, cost: all.cost + one.cost };
}

function judgeOne(
  request: GraphqlRequest,
  text: string | Violation,
  plan: Parameters<typeof judge>[1],
): { violation: Violation | null; operation: Operation | null; text: string | null } {
  const { config, documents, library } = plan;
  if (typeof text !== 'string') return { violation: text, operation: null, text: null };
  const refused = (found: Violation) => ({ violation: found, operation: null, text });
  const read = documents.read(text);
  if (read.kind === 'refused') return refused(read.violation);
  const node = library.operationOf(read.document, request.operationName);
  if (typeof node === 'string') return refused(violation('operation', node));
  const { variables } = request;
  const measurePlan = { variables, listSize: config.listSize, schema: documents.schema };
  const measures = library.measure(read.document, node, measurePlan);
  if (typeof measures === 'string') return refused(violation('operation', measures));
  const { depth, cost, aliases, rootFields, directives, introspects } = measures;
  const operation: Operation = { type: node.operation, name: node.name?.value ?? '', cost, depth };
  const found =
    (introspects && !config.introspection ? violation('introspection') : null) ??
    excess('depth', 'The depth', { is: depth, most: config.maxDepth }) ??
    excess('aliases', 'The number of aliases', { is: aliases, most: config.maxAliases }) ??
    excess('root-fields', 'The number of root fields', { is: rootFields, most: config.maxRootFields }) ??
    excess('directives', 'The number of directives', { is: directives, most: config.maxDirectives });
  return { violation: found, operation, text };
}
