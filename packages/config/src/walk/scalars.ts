import { FORMATS } from '../format/formats.ts';
import type { Parsed } from '../format/parsed.ts';
import { nearest } from '../nearest.ts';
import { type JsonSchema, marksOf } from '../schema/json-schema.ts';
import { rangeOf } from './expected.ts';
import type { Reader } from './reader.ts';
import { referenceAt, reportType, show, shownAt, type Walk, type Wish } from './walk.ts';

/** Free text, or text in one of our notations. */
export function compileText(schema: JsonSchema, expected: string): Reader {
  const { format } = marksOf(schema);
  if (format !== undefined) return compileNotation(schema, FORMATS[format], expected);
  const { minLength = 0 } = schema;
  const read: Reader['read'] = (value, walk) => {
    if (typeof value === 'string' && value.length >= minLength) return value;
    if (typeof value === 'string')
      reportValue(walk, value, { expected, problem: value === '' ? 'is empty' : 'is shorter' });
    else reportType(walk, value, expected);
    return '';
  };
  return { blank: '', read };
}

interface Notation {
  readonly parse: (text: string) => Parsed<unknown>;
  readonly blank: string;
}

function compileNotation(schema: JsonSchema, notation: Notation, expected: string): Reader {
  const parsedBlank = notation.parse(notation.blank);
  const blank = parsedBlank.ok ? parsedBlank.value : null;
  const isInRange = rangeCheck(schema);
  const read: Reader['read'] = (value, walk) => {
    if (typeof value !== 'string') {
      reportType(walk, value, wishWithUnit(value, expected, [schema]));
      return blank;
    }
    const parsed = notation.parse(value);
    if (!parsed.ok) {
      reportParsed(walk, value, expected, parsed);
      return blank;
    }
    return isInRange(parsed.value, value, walk) ? parsed.value : blank;
  };
  return { blank, read };
}

/** What to wish for in place of a number that only lacks its unit: `5` for `5s`. */
export function wishWithUnit(
  value: unknown,
  expected: string,
  schemas: readonly JsonSchema[],
): string | Wish {
  if (typeof value !== 'number') return expected;
  for (const { format } of schemas.map(marksOf)) {
    const parsed = format === undefined ? null : FORMATS[format].parse(String(value));
    if (parsed?.ok === false && parsed.suggestion !== undefined)
      return { expected, hint: `; did you mean ${parsed.suggestion}?` };
  }
  return expected;
}

/** A number, whole or not; text that came from a reference is converted. */
export function compileNumber(schema: JsonSchema, expected: string): Reader {
  const isNumber = schema.type === 'integer' ? Number.isInteger : Number.isFinite;
  const isInRange = rangeCheck(schema);
  const blank = schema.minimum ?? 0;
  const read: Reader['read'] = (value, walk) => {
    const number = convertible(value, walk, numberFrom);
    if (typeof number !== 'number' || !isNumber(number)) {
      reportType(walk, value, expected);
      return blank;
    }
    return isInRange(number, value, walk) ? number : blank;
  };
  return { blank, read };
}

/** True or false; text that came from a reference is converted. */
export function compileFlag(expected: string): Reader {
  const read: Reader['read'] = (value, walk) => {
    const flag = convertible(value, walk, (text) => ({ true: true, false: false })[text]);
    if (typeof flag === 'boolean') return flag;
    reportType(walk, value, expected);
    return false;
  };
  return { blank: false, read };
}

/** One of several words or numbers. */
export function compileChoice(values: readonly (string | number)[], expected: string): Reader {
  const blank = values[0];
  const read: Reader['read'] = (value, walk) => {
    const chosen = values.find((known) => known === value) ?? convertible(value, walk, numberFrom);
    if (chosen !== undefined && values.some((known) => known === chosen)) return chosen;
    if (values.some((known) => typeof known === typeof value)) {
      const suggestion = typeof value === 'string' ? nearest(value, values.map(String)) : undefined;
      reportValue(walk, value, { expected, problem: 'is none of them', suggestion });
    } else reportType(walk, value, expected);
    return blank;
  };
  return { blank, read };
}

/** Reads text as a number, if all of it is one. */
export function numberFrom(text: string): number | undefined {
  return /^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Environment variables are text; what is written as a reference may become another type, nothing else may. */
function convertible(value: unknown, walk: Walk, convert: (text: string) => unknown): unknown {
  if (typeof value !== 'string' || referenceAt(walk.references, walk.path) === undefined) return value;
  return convert(value) ?? value;
}

function rangeCheck(schema: JsonSchema): (number: unknown, value: unknown, walk: Walk) => boolean {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const expected = `a value${rangeOf(schema)}`;
  return (number, value, walk) => {
    if (typeof number !== 'number' || (number >= minimum && number <= maximum)) return true;
    const message = `expected ${expected}, but found ${shownAt(walk, value)}`;
    walk.report({ code: 'OUT_OF_RANGE', message, expected });
    return false;
  };
}

function reportParsed(
  walk: Walk,
  value: string,
  expected: string,
  parsed: Extract<Parsed<unknown>, { ok: false }>,
): void {
  const { problem, suggestion } = parsed;
  reportValue(walk, value, { expected, problem, suggestion });
}

interface Refusal {
  readonly expected: string;
  readonly problem: string;
  readonly suggestion?: string | undefined;
}

/** Of a value that came from a reference nothing is said but that it is wrong: a detail could give it away. */
function reportValue(walk: Walk, value: unknown, refusal: Refusal): void {
  const { expected, problem, suggestion } = refusal;
  const reference = referenceAt(walk.references, walk.path);
  if (reference !== undefined) {
    const message = `expected ${expected}, but found ${show(value, reference)}, which is something else`;
    walk.report({ code: 'BAD_VALUE', message, expected });
    return;
  }
  const near = walk.isSecret === true ? undefined : suggestion;
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const message = `expected ${expected}, but ${shownAt(walk, value)} ${problem}${hint}`;
  walk.report({ code: 'BAD_VALUE', message, expected, suggestion: near });
}
