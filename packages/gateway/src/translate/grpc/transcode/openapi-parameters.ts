import type { FieldInfo, MessageFields } from '../../../core/grpc-schema.ts';
import type { Binding } from './binding.ts';
import { leafAt } from './field-path.ts';
import { objectOf, type JsonObject, type OpenApiSchemas } from './openapi-schemas.ts';

/** The path of a template as OpenAPI has it, and its parameters. */
export interface OpenApiPath {
  readonly path: string;
  readonly parameters: readonly JsonObject[];
}

/** Messages may contain themselves; what lies deeper can be sent, but is not described. */
const MAX_DEPTH = 3;

/**
 * The path of a binding: `/v1/{name=shelves/*}/books` is `/v1/shelves/{name1}/books`, because a parameter of OpenAPI is one
 * segment. Of a `**`, which may be several, the first can be described.
 */
export function openApiPath({ template, variables }: Binding): OpenApiPath {
  const parameters: JsonObject[] = [];
  const names = new Map<number, string>();
  for (const { variable } of variables) {
    const last = Math.min(variable.to, template.segments.length);
    for (let index = variable.from, count = 1; index < last; index++) {
      if (template.segments[index]?.kind === 'literal') continue;
      names.set(
        index,
        variable.isSingle ? variable.field.join('.') : `${variable.field.join('.')}${count++}`,
      );
    }
  }
  const segments = template.segments.map((segment, index) => {
    if (segment.kind === 'literal') return encodeURIComponent(segment.text).replaceAll('%3A', ':');
    const name = names.get(index) ?? `segment${index + 1}`;
    const description = segment.kind === 'rest' ? { description: 'May have several segments.' } : {};
    parameters.push({ name, in: 'path', required: true, ...description, schema: { type: 'string' } });
    return `{${name}}`;
  });
  const verb = template.verb === '' ? '' : `:${template.verb}`;
  return { path: `/${segments.join('/')}${verb}`, parameters };
}

/** The fields of a message that are for the query: neither in the path nor in the body. */
export function queryParameters({ method, body, variables }: Binding, schemas: OpenApiSchemas): JsonObject[] {
  if (body.kind === 'message' || (body.kind === 'raw' && body.tag === null)) return [];
  const taken = new Set(variables.map(({ leaf }) => leaf.names.join('.')));
  if (body.kind !== 'none') taken.add(body.name);
  return leavesOf(
    { schema: schemas.of(method.input), fields: method.input.fields, before: [], taken },
    schemas,
  );
}

/** A message within the message of a request. */
interface Within {
  readonly schema: JsonObject;
  /** Of the outermost message. */
  readonly fields: MessageFields;
  /** Names in JSON on the way to it. */
  readonly before: readonly string[];
  /** Names in the source, joined by dots. */
  readonly taken: ReadonlySet<string>;
}

function leavesOf({ schema, fields, before, taken }: Within, schemas: OpenApiSchemas): JsonObject[] {
  return Object.entries(objectOf(schema['properties'])).flatMap(([name, property]) => {
    const path = [...before, name];
    const inner = objectOf(property);
    const sourceName = sourceNameOf(fields, path);
    if (taken.has(sourceName)) return [];
    const leaf = leafAt(fields, path);
    if (typeof leaf !== 'string') return [parameterOf(path.join('.'), inner)];
    const within = { schema: schemas.resolved(inner), fields, before: path, taken };
    return path.length < MAX_DEPTH ? leavesOf(within, schemas) : [];
  });
}

/** The description of a field is that of the parameter. */
function parameterOf(name: string, { description, ...schema }: JsonObject): JsonObject {
  return { name, in: 'query', ...(description !== undefined && { description }), schema };
}

function sourceNameOf(fields: MessageFields, path: readonly string[]): string {
  const names: string[] = [];
  let within: MessageFields | undefined = fields;
  for (const name of path) {
    const field: FieldInfo | undefined = within?.find(name);
    names.push(field?.name ?? name);
    within = field?.message;
  }
  return names.join('.');
}
