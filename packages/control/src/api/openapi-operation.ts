import type { OperationDoc } from '../gateway-port.ts';
import { anyProblem, type Components, type JsonObject } from './openapi-components.ts';
import { isWrite, type Operation, problemsOf, type Success } from './operation.ts';
import { isRequired, membersOf, plain, type TSchema } from './schema.ts';

const WITHIN = {
  everywhere: 'in all workspaces',
  workspace: 'in the workspace that it is about',
  any: 'in some workspace, and tells only of those',
};

/** One of our operations in the document. */
export function operationDoc(operation: Operation, shared: Components): JsonObject {
  const { access, parameters, query, headers = {}, answers } = operation;
  const needed =
    access.role === null ? 'For everybody.' : `Needs the role **${access.role}** ${WITHIN[access.within]}.`;
  const successes = Object.entries(answers).map(([status, one]) => [status, successDoc(one, shared)]);
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: [operation.description, needed].filter(Boolean).join('\n\n'),
    ...(access.role === null ? OPEN : { 'x-role': access.role, 'x-within': access.within }),
    parameters: [
      ...parametersIn('path', parameters),
      ...parametersIn('query', query),
      ...Object.entries(headers).map(([name, said]) => parameter('header', name, said)),
    ],
    ...(operation.body !== undefined && { requestBody: requestBody(operation, shared) }),
    responses: { ...Object.fromEntries(successes), ...shared.problems(problemsOf(operation)) },
    ...(isWrite(operation) && { 'x-write': true }),
  };
}

/** One of the gateway's own. */
export function gatewayOperationDoc({ path, method, role, ...about }: OperationDoc): JsonObject {
  const { summary, tag, query, takesBody } = about;
  const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
  const needed = role === 'anyone' ? 'For everybody.' : `Needs the role **${role}** in all workspaces.`;
  return {
    operationId: `${method} ${path}`
      .toLowerCase()
      .replaceAll(/[^a-z]+(\w?)/g, (_all, letter: string) => letter.toUpperCase()),
    tags: [gatewayTag(tag)],
    summary,
    description: needed,
    ...(role === 'anyone' ? OPEN : { 'x-role': role, 'x-within': 'everywhere' }),
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...Object.entries(query).map(([name, said]) => parameter('query', name, said)),
    ],
    ...(takesBody && { requestBody: { required: true, content: { 'application/json': { schema: {} } } } }),
    responses: { '2XX': { description: 'It was done.' }, default: anyProblem },
    'x-gateway': true,
  };
}

/** Most of the gateway's own stand alone: together they are easier to find. */
export function gatewayTag(tag: string): string {
  return OF_THEIR_OWN.has(tag) ? tag : 'gateway';
}

const OF_THEIR_OWN: ReadonlySet<string> = new Set(['cache', 'registry', 'requests']);

/** For everybody. */
const OPEN = { security: [], 'x-role': 'anyone' };

function parametersIn(place: 'path' | 'query', schema: TSchema | undefined): JsonObject[] {
  if (schema === undefined) return [];
  return Object.entries(membersOf(schema)).map(([name, member]) => {
    const { description, examples, ...rest } = plain(member);
    const example = Array.isArray(examples) ? { example: examples[0] as unknown } : {};
    const required = place === 'path' || isRequired(schema, name);
    return { name, in: place, required, description, schema: rest, ...example };
  });
}

function parameter(place: 'header' | 'query', name: string, description: string): JsonObject {
  return { name, in: place, required: false, description, schema: { type: 'string' } };
}

function requestBody(
  { body, bodyKind, bodyTypes = [], bodyMayLack }: Operation,
  shared: Components,
): JsonObject {
  const schema = bodyKind === undefined ? shared.schema(body ?? {}) : shared.kind(bodyKind);
  return {
    required: bodyMayLack !== true,
    content: { 'application/json': { schema }, ...asText(bodyTypes) },
  };
}

function successDoc(
  { description, body, types = [], headers = {} }: Success,
  shared: Components,
): JsonObject {
  const fields = Object.entries(headers).map(([name, said]) => [
    name,
    { description: said, schema: { type: 'string' } },
  ]);
  const content =
    body === null ? {} : { 'application/json': { schema: shared.schema(body) }, ...asText(types) };
  return {
    description,
    ...(fields.length > 0 && { headers: Object.fromEntries(fields) }),
    ...(body !== null && { content }),
  };
}

function asText(types: readonly string[]): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }]));
}
