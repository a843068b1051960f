import { PatternProblem } from '../../pattern/ecma-syntax.ts';
import { linearRegExp } from '../../pattern/linear-regexp.ts';
import { FORMATS } from '../formats.ts';
import { objectAt, textAt } from '../json.ts';
import { below } from '../json-pointer.ts';
import type { ReachedPart } from '../openapi/reached-parts.ts';
import type { Dialect } from '../openapi/translate.ts';
import { checkSchema } from '../schema-engine.ts';
import { error, warning, type DocumentProblem } from './problem.ts';
import { relevantFaults } from './relevant.ts';

const DIALECT_2020 = 'https://json-schema.org/draft/2020-12/schema';
/** What OpenAPI 3.1 calls the same with its own keywords beside. */
const DIALECT_OAS = /^https:\/\/spec\.openapis\.org\/oas\/3\.[12]\/dialect\//;

/** What is wrong with the schemas of a description, beside what they refer to. */
export function schemaProblems(parts: readonly ReachedPart[], dialect: Dialect): DocumentProblem[] {
  const schemas = parts.filter(({ kind }) => kind === 'schema');
  const whole = schemas.filter(({ within }) => within !== 'schema');
  return [
    // The structure of 3.0, which is another, has been looked at with the rest of the document.
    ...(dialect === '3.0' ? [] : whole.flatMap(shapeProblems)),
    ...schemas.flatMap((schema) => [
      ...patternProblems(schema),
      ...keywordProblems(schema),
      ...formatProblems(schema),
    ]),
  ];
}

function shapeProblems(schema: ReachedPart): DocumentProblem[] {
  return relevantFaults(checkSchema(schema.value)).map(({ pointer, message }) =>
    error({ uri: schema.uri, pointer: schema.pointer + pointer }, message),
  );
}

function patternProblems(schema: ReachedPart): DocumentProblem[] {
  const { value, pointer } = schema;
  const pattern = textAt(value, 'pattern');
  const names = Object.keys(objectAt(value, 'patternProperties'));
  const written = [
    ...(pattern === '' ? [] : [{ pattern, pointer: below(pointer, 'pattern') }]),
    ...names.map((name) => ({ pattern: name, pointer: below(below(pointer, 'patternProperties'), name) })),
  ];
  return written.flatMap(({ pattern, pointer }) => {
    const problem = patternProblem(pattern);
    return problem === null ? [] : [error({ uri: schema.uri, pointer }, `is a pattern that ${problem}`)];
  });
}

function patternProblem(pattern: string): string | null {
  try {
    linearRegExp(pattern);
    return null;
  } catch (problem) {
    if (problem instanceof PatternProblem) return problem.message;
    throw problem;
  }
}

function keywordProblems(schema: ReachedPart): DocumentProblem[] {
  const language = textAt(schema.value, '$schema').replace(/#$/, '');
  return [
    ...(language === '' || language === DIALECT_2020 || DIALECT_OAS.test(language)
      ? []
      : [error(schema, `is in another version of JSON Schema than 2020-12: ${language}`)]),
    ...('$dynamicRef' in schema.value
      ? [error(schema, 'has $dynamicRef, which is not understood; use $ref')]
      : []),
  ];
}

function formatProblems(schema: ReachedPart): DocumentProblem[] {
  const format = textAt(schema.value, 'format');
  if (format === '' || Object.hasOwn(FORMATS, format)) return [];
  return [
    warning(
      { uri: schema.uri, pointer: below(schema.pointer, 'format') },
      `is a format that is not checked: ${format}`,
    ),
  ];
}
