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
  const { isPlanned, isOnlyNeutral, isAnything } = marksOf(schema);
  if (isPlanned === true) return PLANNED;
  if (isAnything === true) return ANYTHING;
  const reader =
    schema.writeOnly === true ? hidden(compileShape(schema, expected)) : compileShape(schema, expected);
  return isOnlyNeutral === true ? onlyNeutral(schema, reader) : reader;
};

const ANYTHING: Reader = { blank: null, read: (value) => value };

function compileShape(schema: JsonSchema, expected: string): Reader {
  if (schema.anyOf) return compileUnion(schema.anyOf, expected, compile);
  if (schema.enum) return compileChoice(schema, schema.enum, expected);
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

const PLANNED: Reader = {
  blank: null,
  read: (_value, walk) => {
    const message = '(the key is known, but this version cannot do it); remove it';
    walk.report({ code: 'NOT_BUILT', message, at: 'key' });
    return null;
  },
};

/** Compares as written, so that no notation can slip in more than the default. */
function onlyNeutral(schema: JsonSchema, reader: Reader): Reader {
  const neutral = JSON.stringify(schema.default);
  return {
    blank: reader.blank,
    read: (value, walk) => {
      if (JSON.stringify(value) === neutral) return reader.read(value, walk);
      const message = `with another value than ${neutral}; leave it out`;
      walk.report({ code: 'NOT_BUILT', message, expected: neutral });
      return reader.blank;
    },
  };
}
