import { isJson, readMediaType } from '../../bodies/media-type.ts';
import { isObject, memberOf, objectAt, textAt, type JsonObject } from '../../json.ts';
import { dialectOf } from '../dialect.ts';
import { DocumentSet, pathOf, uriOf, type Place } from '../document-set.ts';
import { operationsOf, pathItems, type OperationPlace } from '../path-items.ts';
import { memberPlace, memberPlaces } from '../places.ts';
import type { Refused } from '../refused-properties.ts';
import { translatedDocuments } from '../translate.ts';
import type { ApiTool, ToolAnnotations, ToolProblem } from './api-tool.ts';
import { inlined } from './inlined.ts';
import { toolArguments } from './tool-arguments.ts';
import { isChosen } from './tool-names.ts';

/** Which operations, and what their tools are called. */
export interface ToolsPlan {
  /** Of the document; a key of `documents`. */
  readonly path: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly prefix: string;
  /** Texts, as JSON, by absolute path. */
  readonly documents: Readonly<Record<string, string>>;
}

/** The tools of a document, in its order, and what could not become one. */
export interface DocumentTools {
  readonly tools: readonly ApiTool[];
  readonly problems: readonly ToolProblem[];
}

/** The most that what a model has to read of one tool may be. */
const MAX_SCHEMA_BYTES = 32 * 1024;
/** What a description may be; more helps no model. */
const MAX_DESCRIPTION = 4096;
/** Methods that do nothing that a model could want. */
const NO_TOOLS: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

/**
 * The operations of an OpenAPI document as tools: those that are included, or those that say `x-mcp: true`, or all. Pure and
 * synchronous, and loads no library. Nothing is said of a document that is no OpenAPI: the loader says it.
 */
export function toolsOfDocument(plan: ToolsPlan): DocumentTools {
  const parsed = new DocumentSet();
  for (const [path, text] of Object.entries(plan.documents))
    parsed.add(path, () => JSON.parse(text) as unknown);
  const uri = uriOf(plan.path);
  const dialect = dialectOf(parsed.root(uri));
  if (dialect === null) return { tools: [], problems: [] };
  const plain = (refused: Refused) => plainDocuments(translatedDocuments(parsed, uri, { dialect, refused }));
  const requests = plain('readOnly');
  const responses = plain('writeOnly');
  const found = { tools: [] as ApiTool[], problems: [] as ToolProblem[] };
  for (const { pathItem, operation } of chosenOperations(requests, uri, plan)) {
    const { pointer } = operation;
    const place = { uri: pathItem.uri, pointer, value: operation.operation };
    const made = toolOf({ pathItem, place, operation, prefix: plan.prefix }, requests, responses);
    if (typeof made === 'string') found.problems.push({ pointer, message: made });
    else found.tools.push(made);
  }
  return found;
}

function plainDocuments(roots: ReadonlyMap<string, unknown>): DocumentSet {
  const documents = new DocumentSet();
  for (const [address, root] of roots) documents.add(pathOf(address) ?? address, () => root);
  return documents;
}

interface Chosen {
  readonly pathItem: Place;
  readonly operation: OperationPlace;
}

function chosenOperations(documents: DocumentSet, uri: string, { include, exclude }: ToolsPlan): Chosen[] {
  const root = documents.root(uri);
  const all = (isObject(root) ? pathItems(root) : []).flatMap(({ template, pointer }): Chosen[] => {
    const written = documents.at(uri, pointer);
    const pathItem = written === null ? null : documents.follow(written);
    if (pathItem === null || !isObject(pathItem.value)) return [];
    return operationsOf(pathItem.value, pathItem.pointer, template).map((operation) => ({
      pathItem,
      operation,
    }));
  });
  const able = all.filter(({ operation: { method, operation } }) => {
    return !NO_TOOLS.has(method) && memberOf(operation, 'x-mcp') !== false;
  });
  const marked = able.filter(({ operation }) => memberOf(operation.operation, 'x-mcp') === true);
  const offered = include.length === 0 && marked.length > 0 ? marked : able;
  return offered.filter(({ operation }) => isChosen(baseName(operation), include, exclude));
}

interface Plan {
  readonly pathItem: Place;
  readonly place: Place;
  readonly operation: OperationPlace;
  readonly prefix: string;
}

/** A tool, or why there is none. */
function toolOf(
  { pathItem, place, operation, prefix }: Plan,
  requests: DocumentSet,
  responses: DocumentSet,
): ApiTool | string {
  const { method, template, operation: value } = operation;
  const made = toolArguments({ pathItem, operation: place, documents: requests });
  if (!made.ok) return `becomes no tool: ${made.problem}`;
  const summary = textAt(value, 'summary');
  const description = [summary, textAt(value, 'description')].filter((text) => text !== '').join('\n\n');
  const outputSchema = outputOf(responses.at(place.uri, place.pointer), responses);
  const { inputSchema, parameters, body } = made;
  if (sizeOf(inputSchema) > MAX_SCHEMA_BYTES)
    return `becomes no tool: what its arguments look like takes more than ${MAX_SCHEMA_BYTES / 1024} KiB`;
  return {
    name: prefix + baseName(operation),
    title: summary,
    description: (description === '' ? `${method} ${template}` : description).slice(0, MAX_DESCRIPTION),
    method,
    template,
    inputSchema,
    outputSchema: outputSchema !== null && sizeOf(outputSchema) > MAX_SCHEMA_BYTES ? null : outputSchema,
    annotations: ANNOTATIONS.get(method) ?? {},
    parameters,
    body,
  };
}

function sizeOf(schema: JsonObject): number {
  return JSON.stringify(schema).length;
}

const ANNOTATIONS: ReadonlyMap<string, ToolAnnotations> = new Map([
  ['GET', { readOnlyHint: true }],
  ['QUERY', { readOnlyHint: true }],
  ['PUT', { idempotentHint: true }],
  ['DELETE', { idempotentHint: true, destructiveHint: true }],
]);

/** The `operationId`, or method and path, as far as names of tools may have it. */
function baseName({ operation, method, template }: OperationPlace): string {
  return (textAt(operation, 'operationId') || `${method.toLowerCase()}${template}`)
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
    .replaceAll(/^_|_$/g, '')
    .slice(0, 128);
}

/** The answer of a success, if it is an object: older clients know no others. */
function outputOf(operation: Place | null, documents: DocumentSet): JsonObject | null {
  if (operation === null) return null;
  const statuses = Object.keys(objectAt(operation.value, 'responses')).filter((status) =>
    /^2(\d\d|XX)$/i.test(status),
  );
  if (statuses.length !== 1) return null;
  const [written] = memberPlaces(operation, 'responses').filter(({ key }) => key === statuses[0]);
  const response = written === undefined ? null : documents.follow(written);
  const contents = response === null ? [] : memberPlaces(response, 'content');
  const [first] = contents.filter(({ key }) => isJson(readMediaType(key)?.essence ?? ''));
  const media = first === undefined || contents.length !== 1 ? null : documents.follow(first);
  const schema = media === null ? null : memberPlace(media, 'schema');
  const plain = schema === null ? null : inlined(schema, { documents, refused: 'writeOnly' });
  return isObject(plain) && plain['type'] === 'object' ? plain : null;
}
