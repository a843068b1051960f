import { type JsonSchema, marksOf } from '../schema/json-schema.ts';
import {
  compileList,
  compileMap,
  compileOpenSection,
  compileSection,
  FOREIGN,
  remembering,
} from './containers.ts';
import { expectedOf } from './expected.ts';
import type { Compile, Reader } from './reader.ts';
import { compileChoice, compileFlag, compileNumber, compileText } from './scalars.ts';
import { compileUnion } from './union.ts';

/**
 * Turns a schema into closures, once, so that 100,000 routes do not look up keywords again and again.
 *
 * Written by us because unions decide the quality of messages: "no branch of anyOf matched" helps nobody.
 */
export const compile: Compile = (schema, expected = expectedOf(schema)) => {
  if (marksOf(schema).isAnything === true) return ANYTHING;
  const reader = compileShape(schema, expected);
  return schema.writeOnly === true ? hidden(reader) : reader;
};

const ANYTHING: Reader = { blank: null, read: (value) => value };

function compileShape(schema: JsonSchema, expected: string): Reader {
  if (schema.anyOf) return compileUnion(schema.anyOf, expected, compile);
  if (schema.enum) return compileChoice(schema.enum, expected);
  switch (schema.type) {
    case 'object':
      return remembering(compileObject(schema));
    case 'array':
      return remembering(compileList(schema, compile));
    case 'integer':
    case 'number':
      return compileNumber(schema, expected);
    case 'boolean':
      return compileFlag(expected);
    case 'string':
    case undefined:
    default:
      return compileText(schema, expected);
  }
}

function compileObject(schema: JsonSchema): Reader {
  const { properties, additionalProperties } = schema;
  if (additionalProperties === true) return FOREIGN;
  if (properties === undefined) return compileMap(schema, compile);
  return additionalProperties === undefined || additionalProperties === false
    ? compileSection(properties, schema, compile)
    : compileOpenSection(properties, schema, compile);
}

function hidden(reader: Reader): Reader {
  return { blank: reader.blank, read: (value, walk) => reader.read(value, { ...walk, isSecret: true }) };
}
