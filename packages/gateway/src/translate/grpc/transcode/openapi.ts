import type { HttpRulesConfig } from '@turnpike/config';
import type { GrpcSchema } from '../../../core/grpc-schema.ts';
import type { Binding } from './binding.ts';
import { compileBindings } from './bindings.ts';
import { openApiPath, queryParameters } from './openapi-parameters.ts';
import { objectOf, OpenApiSchemas, type JsonObject } from './openapi-schemas.ts';

/** What a document says of itself. */
export interface OpenApiPlan {
  readonly title: string;
  readonly version: string;
  /** What clients put before each path, such as `/api`; `''` is nothing. */
  readonly prefix: string;
  readonly rules: readonly HttpRulesConfig[];
}

/** A document, and what could not be put into it. */
export interface OpenApi {
  readonly document: JsonObject;
  readonly problems: readonly string[];
}

/** Methods that OpenAPI 3.1 has. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'PUT',
  'POST',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'PATCH',
  'TRACE',
]);

/** The API that clients of HTTP see of a gRPC service, as OpenAPI 3.1. */
export function openApiOf(schema: GrpcSchema, { title, version, prefix, rules }: OpenApiPlan): OpenApi {
  const { all, problems } = compileBindings(schema, rules);
  const told = [...problems];
  const schemas = new OpenApiSchemas();
  const paths = new Map<string, JsonObject>();
  const used = new Map<string, number>();
  for (const binding of all) {
    const { path, parameters } = openApiPath(binding);
    const item = paths.get(path) ?? {};
    const verb = binding.verb.toLowerCase();
    if (!METHODS.has(binding.verb) || verb in item) {
      told.push(`${binding.verb} ${binding.template.text}: OpenAPI has no place for it`);
      continue;
    }
    const operation = operationOf(binding, parameters, { schemas, id: idOf(binding, used) });
    paths.set(path, { ...item, [verb]: operation });
  }
  const document = {
    openapi: '3.1.0',
    info: { title, version },
    ...(prefix !== '' && { servers: [{ url: prefix }] }),
    paths: Object.fromEntries(paths),
    components: { schemas: { ...schemas.all(), Problem: PROBLEM } },
  };
  return { document, problems: told };
}

/** `Library_GetBook`; of further bindings `Library_GetBook2`, …. */
function idOf({ method }: Binding, used: Map<string, number>): string {
  const id = `${method.service.slice(method.service.lastIndexOf('.') + 1)}_${method.name}`;
  const count = (used.get(id) ?? 0) + 1;
  used.set(id, count);
  return count === 1 ? id : `${id}${count}`;
}

function operationOf(
  binding: Binding,
  pathParameters: readonly JsonObject[],
  { schemas, id }: { readonly schemas: OpenApiSchemas; readonly id: string },
): JsonObject {
  const { method } = binding;
  const parameters = [...pathParameters, ...queryParameters(binding, schemas)];
  const content = requestContent(binding, schemas);
  return {
    operationId: id,
    tags: [method.service],
    ...(method.description !== '' && { description: method.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(content !== null && { requestBody: { content } }),
    responses: {
      200: { description: 'The call succeeded.', content: replyContent(binding, schemas) },
      default: {
        description: 'The call failed, or was refused.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function requestContent({ method, body }: Binding, schemas: OpenApiSchemas): JsonObject | null {
  if (body.kind === 'none') return null;
  if (body.kind === 'raw') return ANY_BYTES;
  const schema =
    body.kind === 'message' ? schemas.reference(method.input) : propertyOf(method.input, body.name, schemas);
  if (!method.clientStreaming) return { 'application/json': { schema } };
  return {
    'application/json': { schema: { type: 'array', items: schema } },
    'application/x-ndjson': { schema },
  };
}

function replyContent({ method, reply }: Binding, schemas: OpenApiSchemas): JsonObject {
  if (reply.kind === 'raw') return ANY_BYTES;
  const schema =
    reply.kind === 'message'
      ? schemas.reference(method.output)
      : propertyOf(method.output, reply.jsonName, schemas);
  if (!method.serverStreaming) return { 'application/json': { schema } };
  return {
    'application/json': { schema: { type: 'array', items: schema } },
    'application/x-ndjson': { schema },
    'text/event-stream': { schema: { type: 'string', description: 'Each event has a message as its data.' } },
  };
}

function propertyOf(codec: Binding['method']['input'], name: string, schemas: OpenApiSchemas): JsonObject {
  const jsonName = codec.fields.find(name)?.jsonName ?? name;
  return objectOf(objectOf(schemas.of(codec)['properties'])[jsonName]);
}

const ANY_BYTES: JsonObject = { '*/*': {} };

/** RFC 9457. */
const PROBLEM: JsonObject = {
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { detail: { type: 'string' }, pointer: { type: 'string' } } },
    },
    details: { type: 'array', items: { type: 'object', properties: { '@type': { type: 'string' } } } },
  },
  required: ['type', 'title', 'status'],
};
