import { holdsSecret, type JsonSchema } from '../schema/json-schema.ts';
import { isMapping } from './containers.ts';
import { type JsonType, jsonTypeOf, jsonTypesOf } from './expected.ts';
import type { Compile, Reader } from './reader.ts';
import { numberFrom, wishWithUnit } from './scalars.ts';
import { referenceAt, reportType, type Walk } from './walk.ts';

interface Branch {
  readonly schema: JsonSchema;
  readonly types: ReadonlySet<JsonType>;
  readonly reader: Reader;
}

/**
 * One of several shapes. Chooses one by what the value is, and lets it judge alone:
 * a word that a branch lists, then the JSON type, then (among objects) the most keys in common.
 */
export function compileUnion(schemas: readonly JsonSchema[], expected: string, compile: Compile): Reader {
  const branches = schemas.map((schema): Branch => {
    const isScalar = schema.type !== 'object' && schema.type !== 'array';
    const reader = isScalar ? compile(schema, expected) : compile(schema);
    return { schema, types: jsonTypesOf(schema), reader };
  });
  const blank = branches[0]?.reader.blank;
  const isSecret = schemas.some(holdsSecret);

  const read: Reader['read'] = (value, walk) => {
    const branch = choose(branches, value, walk);
    if (branch !== undefined) return branch.reader.read(value, walk);
    reportType(isSecret ? { ...walk, isSecret } : walk, value, wishWithUnit(value, expected, schemas));
    return blank;
  };
  return { blank, read };
}

function choose(branches: readonly Branch[], value: unknown, walk: Walk): Branch | undefined {
  const listed = branches.find(({ schema }) => schema.enum?.some((known) => known === value));
  if (listed !== undefined) return listed;
  const type = convertedType(value, walk);
  const accepting = branches.filter(({ types }) => types.has(type));
  const fitting =
    accepting.length > 0 ? accepting : branches.filter(({ types }) => types.has(jsonTypeOf(value)));
  const open = fitting.filter(({ schema }) => schema.enum === undefined);
  return mostInCommon(open.length > 0 ? open : fitting, value);
}

/** A number that came from the environment is text; it chooses the branch that takes numbers. */
function convertedType(value: unknown, walk: Walk): JsonType {
  if (typeof value !== 'string' || numberFrom(value) === undefined) return jsonTypeOf(value);
  return referenceAt(walk.references, walk.path) === undefined ? 'string' : 'number';
}

function mostInCommon(branches: readonly Branch[], value: unknown): Branch | undefined {
  if (!isMapping(value) || branches.length < 2) return branches[0];
  const keys = Object.keys(value);
  const score = ({ schema }: Branch): number =>
    keys.filter((key) => Object.hasOwn(schema.properties ?? {}, key)).length;
  return branches.toSorted((a, b) => score(b) - score(a))[0];
}
