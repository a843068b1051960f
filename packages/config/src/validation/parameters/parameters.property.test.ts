// Values are written as RFC 6570 and OpenAPI have it, and read back. FUZZ_CASES sets how many, FUZZ_SEED where they begin.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { DocumentSet } from '../openapi/document-set.ts';
import { headOf } from '../validation-testing.ts';
import { shapeOf } from '../value-shape.ts';
import type { ParameterPlan } from './parameter.ts';
import { parametersCheck } from './parameters.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 200);

type Scalar = string | number | boolean;
type Value = Scalar | readonly Scalar[] | Readonly<Record<string, Scalar>>;
type Notation = Pick<ParameterPlan, 'in' | 'style' | 'explode'>;

/** What values may be made of: what would be taken for a delimiter, because no escape helps, is not in them. */
interface Scalars {
  readonly texts: fc.Arbitrary<string>;
  readonly numbers: fc.Arbitrary<number>;
}

/** A kind of value, and its schema. */
interface Kind {
  readonly schema: object;
  readonly values: (scalars: Scalars) => fc.Arbitrary<Value>;
}

const PROPERTIES = { R: { type: 'string' }, G: { type: 'number' }, B: { type: 'boolean' } };

const KINDS: Readonly<Record<string, Kind>> = {
  text: { schema: { type: 'string' }, values: ({ texts }) => texts },
  number: { schema: { type: 'number' }, values: ({ numbers }) => numbers },
  'list of texts': {
    schema: { type: 'array', items: { type: 'string' } },
    values: ({ texts }) => fc.array(texts, { minLength: 1, maxLength: 4 }),
  },
  'list of numbers': {
    schema: { type: 'array', items: { type: 'number' } },
    values: ({ numbers }) => fc.array(numbers, { minLength: 1, maxLength: 4 }),
  },
  record: {
    schema: { type: 'object', properties: PROPERTIES },
    values: ({ texts, numbers }) =>
      fc.record({ R: texts, G: numbers, B: fc.boolean() }, { requiredKeys: ['R'], noNullPrototype: true }),
  },
};

const NOTATIONS: readonly Notation[] = [
  ...(['simple', 'label', 'matrix'] as const).flatMap((style) => bothWays('path', style)),
  ...(['form', 'spaceDelimited', 'pipeDelimited'] as const).flatMap((style) => bothWays('query', style)),
  { in: 'query', style: 'deepObject', explode: true },
  ...bothWays('header', 'simple'),
  ...bothWays('cookie', 'form'),
];

function bothWays(location: Notation['in'], style: Notation['style']): Notation[] {
  return [true, false].map((explode) => ({ in: location, style, explode }));
}

const DOUBLES = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

function scalarsFor({ in: location, style }: Notation): Scalars {
  const numbers = style === 'label' ? fc.integer() : DOUBLES;
  if (location === 'header')
    return {
      numbers,
      texts: fc.string({ unit: fc.constantFrom('a', 'B', '7', '-', '%', '/'), minLength: 1 }),
    };
  const taken = { label: /\./g, spaceDelimited: / /g, pipeDelimited: /\|/g }[style as string];
  const all = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
  return { numbers, texts: taken === undefined ? all : all.map((text) => text.replaceAll(taken, '_')) };
}

/** A head with the parameter `color` in it. */
function headWith(value: Value, { in: location, style, explode }: Notation) {
  const encode = location === 'header' ? String : encodeURIComponent;
  const members = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : null;
  const items = Array.isArray(value) ? value.map((item) => encode(String(item))) : null;
  const named = members?.map(([name, one]) => [name, encode(String(one))] as const);
  if (location === 'query' || location === 'cookie') {
    const delimiter = { spaceDelimited: '%20', pipeDelimited: '%7C' }[style as string] ?? ',';
    const joined = items?.join(delimiter) ?? named?.flat().join(delimiter) ?? encode(String(value));
    const whole: (readonly [string, string])[] = [['color', joined]];
    const pairs = explode ? (items?.map((item) => ['color', item] as const) ?? named ?? whole) : whole;
    const written =
      style === 'deepObject'
        ? (named ?? []).map(([name, one]) => [`color%5B${name}%5D`, one] as const)
        : pairs;
    const cookies = Object.entries(Object.groupBy(written, ([name]) => name));
    return location === 'query'
      ? headOf({ query: written.map((pair) => pair.join('=')).join('&') })
      : headOf({
          cookies: Object.fromEntries(cookies.map(([name, all = []]) => [name, all.map(([, one]) => one)])),
        });
  }
  const prefix = { label: '.', matrix: ';' }[style as string] ?? '';
  const between = explode && prefix !== '' ? prefix : ',';
  const own = style === 'matrix' ? 'color=' : '';
  const perItem = explode ? own : '';
  const text =
    items !== null
      ? (explode ? '' : own) + items.map((item) => perItem + item).join(between)
      : named !== undefined
        ? (explode ? '' : own) + named.map((pair) => pair.join(explode ? '=' : ',')).join(between)
        : own + encode(String(value));
  return location === 'path' ? headOf({ params: [prefix + text] }) : headOf({ headers: { color: text } });
}

describe('a parameter that is written as it should be', () => {
  for (const notation of NOTATIONS) {
    for (const [what, { schema, values }] of Object.entries(KINDS)) {
      if (notation.style === 'deepObject' && what !== 'record') continue;
      const { style, explode } = notation;
      it(`is read in the ${notation.in}, in style ${style}${explode ? ', exploded' : ''}: a ${what}`, () => {
        const seen: unknown[] = [];
        const check = parametersCheck([
          {
            name: 'color',
            ...notation,
            required: true,
            allowEmptyValue: false,
            index: 0,
            shape: shapeOf([{ value: schema, uri: 'file:///a' }], new DocumentSet()),
            isJson: false,
            check: (value) => (seen.push(value), []),
          },
        ]);
        fc.assert(
          fc.property(values(scalarsFor(notation)), (value) => {
            seen.length = 0;
            assert.deepEqual(check(headWith(value, notation), 'refuse'), []);
            assert.deepEqual(seen, [value]);
          }),
          { numRuns: Math.ceil(CASES / 50) },
        );
      });
    }
  }
});
