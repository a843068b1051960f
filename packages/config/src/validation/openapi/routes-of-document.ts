import { parsePathPattern } from '../../format/path-pattern.ts';
import { isObject, textAt } from '../json.ts';
import { localPathItem, operationsOf, pathItems, type OperationPlace } from './path-items.ts';
import { normalisedText, templateSegments, type TemplateSegment } from './path-template.ts';

/** A route that an operation asks for. */
export interface DocumentRoute {
  /** The `operationId`, or method and path; fit to be a part of a route's name, and unique in the document. */
  readonly id: string;
  /** A path pattern of a route, base path included. Its parameters are named so that patterns may have them. */
  readonly path: string;
  /** `HEAD` comes with `GET`, unless the document has an operation for it. */
  readonly methods: readonly string[];
  /** Of the operation. */
  readonly pointer: string;
}

/** An operation that no route can be made for. */
export interface RouteProblem {
  /** JSON Pointer into the document. */
  readonly pointer: string;
  /** Completes "`/a/{b}.json` …". */
  readonly message: string;
}

/** What a document asks for. */
export interface DocumentRoutes {
  readonly routes: readonly DocumentRoute[];
  readonly problems: readonly RouteProblem[];
}

/**
 * The routes of an OpenAPI document, one for each operation: `apis.*` makes routes of them.
 *
 * `text` is JSON, as `GatewayConfig.documents` has it whatever the file was written in. `basePath` is what stands in front of
 * the paths of the document (`/` or `''`: nothing). Pure and synchronous, and loads no library: it may be called while a
 * configuration is read, with the text that the loader has read before (`readDocuments` in `load/documents.ts`). Nothing is
 * said of a document that is no OpenAPI: the loader says it.
 */
export function routesOfDocument(text: string, { basePath }: { readonly basePath: string }): DocumentRoutes {
  const document: unknown = JSON.parse(text);
  const found: Found = { routes: [], problems: [], ids: new Set() };
  const { routes, problems } = found;
  if (!isObject(document)) return { routes, problems };
  for (const { template, pointer } of pathItems(document)) {
    const placed = localPathItem(document, pointer);
    if (placed === null) {
      problems.push({ pointer, message: 'is a reference that leads to no path item of this document' });
      continue;
    }
    const path = patternOf(basePath, template);
    const operations = operationsOf(placed.item, placed.pointer, template);
    if (typeof path === 'string') addRoutes(path, operations, found);
    else problems.push({ pointer, message: path.problem });
  }
  return { routes, problems };
}

interface Found {
  readonly routes: DocumentRoute[];
  readonly problems: RouteProblem[];
  readonly ids: Set<string>;
}

function addRoutes(
  path: string,
  operations: readonly OperationPlace[],
  { routes, problems, ids }: Found,
): void {
  const hasHead = operations.some(({ method }) => method === 'HEAD');
  for (const { template, method, pointer, operation } of operations) {
    const id = routeId(textAt(operation, 'operationId') || `${method.toLowerCase()}${template}`);
    const methods = method === 'GET' && !hasHead ? ['GET', 'HEAD'] : [method];
    if (ids.has(id)) problems.push({ pointer, message: `would make a second route ${id}` });
    else routes.push({ id, path, methods, pointer });
    ids.add(id);
  }
}

/** Only what names of routes are made of. */
function routeId(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9_.]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 100);
}

function patternOf(basePath: string, template: string): string | { readonly problem: string } {
  const segments = templateSegments(template);
  const names = new Set<string>();
  const parts: string[] = [];
  for (const segment of segments) {
    const part = patternSegment(segment, names);
    if (typeof part !== 'string') return part;
    parts.push(part);
  }
  const parsed = parsePathPattern(`${normalisedText(basePath).replace(/\/$/, '')}/${parts.join('/')}`);
  return parsed.ok ? parsed.value : { problem: parsed.problem };
}

function patternSegment(
  { literals, names: [name, ...more] }: TemplateSegment,
  names: Set<string>,
): string | { readonly problem: string } {
  const literal = literals.join('');
  if (name === undefined) return literal;
  if (literal !== '' || more.length > 0)
    return { problem: 'has a parameter that is only a part of a segment, which no route can have' };
  const spelled = name.replaceAll(/\W/g, '_').replace(/^(?=\d|$)/, '_');
  if (names.has(spelled)) return { problem: `has the parameter {${spelled}} twice` };
  names.add(spelled);
  return `{${spelled}}`;
}
