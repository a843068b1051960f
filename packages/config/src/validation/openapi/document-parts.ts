import { isObject, type JsonObject } from '../json.ts';

/** What a part of a description is. */
export type Kind =
  | 'document'
  | 'components'
  | 'path-item'
  | 'operation'
  | 'parameter'
  | 'header'
  | 'request-body'
  | 'response'
  | 'media-type'
  | 'encoding'
  | 'schema';

/** A part of a part, and the way to it. */
export interface Part {
  readonly kind: Kind;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** One part, a list of them, or several by name. */
type Holding = readonly [how: 'one' | 'list' | 'map', kind: Kind];

const OPERATIONS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
const SUBSCHEMAS = [
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const SCHEMA_LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const SCHEMA_MAPS = ['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'];

function all(names: readonly string[], holding: Holding): Readonly<Record<string, Holding>> {
  return Object.fromEntries(names.map((name) => [name, holding]));
}

function held(holdings: Readonly<Record<string, Holding>>): ReadonlyMap<string, Holding> {
  return new Map(Object.entries(holdings));
}

/**
 * What holds what, in OpenAPI 3.0 to 3.2 and JSON Schema 2020-12, as far as it matters for messages. Everything that may be
 * found elsewhere, such as examples, is data: it may look like a schema, and is none.
 */
const HOLDINGS: Readonly<Record<Kind, ReadonlyMap<string, Holding>>> = {
  document: held({ paths: ['map', 'path-item'], components: ['one', 'components'] }),
  components: held({
    schemas: ['map', 'schema'],
    parameters: ['map', 'parameter'],
    headers: ['map', 'header'],
    requestBodies: ['map', 'request-body'],
    responses: ['map', 'response'],
    pathItems: ['map', 'path-item'],
    mediaTypes: ['map', 'media-type'],
  }),
  'path-item': held({
    parameters: ['list', 'parameter'],
    additionalOperations: ['map', 'operation'],
    ...all(OPERATIONS, ['one', 'operation']),
  }),
  operation: held({
    parameters: ['list', 'parameter'],
    requestBody: ['one', 'request-body'],
    responses: ['map', 'response'],
  }),
  parameter: held({ schema: ['one', 'schema'], content: ['map', 'media-type'] }),
  header: held({ schema: ['one', 'schema'], content: ['map', 'media-type'] }),
  'request-body': held({ content: ['map', 'media-type'] }),
  response: held({ headers: ['map', 'header'], content: ['map', 'media-type'] }),
  'media-type': held({ schema: ['one', 'schema'], encoding: ['map', 'encoding'] }),
  encoding: held({ headers: ['map', 'header'] }),
  schema: held({
    ...all(SUBSCHEMAS, ['one', 'schema']),
    ...all(SCHEMA_LISTS, ['list', 'schema']),
    ...all(SCHEMA_MAPS, ['map', 'schema']),
  }),
};

/** A copy of a part in which everything that it holds, one level deep, is changed. */
export function withParts(kind: Kind, whole: JsonObject, change: (part: Part) => unknown): JsonObject {
  const copy: Record<string, unknown> = { ...whole };
  for (const name of Object.keys(whole)) {
    const [how, held] = HOLDINGS[kind].get(name) ?? [];
    if (how !== undefined && held !== undefined)
      copy[name] = changed(whole[name], how, name, { held, change });
  }
  return copy;
}

/** The parts of a part, one level deep. */
export function partsOf(kind: Kind, whole: JsonObject): Part[] {
  const parts: Part[] = [];
  withParts(kind, whole, (part) => void parts.push(part));
  return parts;
}

interface Change {
  readonly held: Kind;
  readonly change: (part: Part) => unknown;
}

function changed(member: unknown, how: Holding[0], name: string, { held: kind, change }: Change): unknown {
  if (how === 'one') return change({ kind, path: [name], value: member });
  if (how === 'list' && Array.isArray(member))
    return member.map((value: unknown, index) => change({ kind, path: [name, index], value }));
  if (how === 'list' || !isObject(member)) return member;
  return Object.fromEntries(
    Object.entries(member).map(([key, value]) => [key, change({ kind, path: [name, key], value })]),
  );
}
