import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { inPlace } from './inline-contract.ts';
import { areUnique, isMultipleOf } from './keywords.ts';
import { MAX_FAULTS } from './fault.ts';

function faultsOf(schema: unknown, value: unknown) {
  const description = inPlace(schema);
  return description.check({ uri: description.uri, pointer: '' }, 'readOnly')(value);
}

function inShort(schema: unknown, value: unknown): string[] {
  return faultsOf(schema, value).map(({ pointer, keyword }) => `${pointer} ${keyword}`);
}

describe('a check', () => {
  const leaf = { type: 'number' };
  const ambiguous: readonly (readonly [what: string, schema: object, wrap: (inner: unknown) => unknown])[] = [
    [
      'lists',
      {
        $ref: '#/$defs/a',
        $defs: {
          a: {
            anyOf: [
              { items: { $ref: '#/$defs/a' }, type: 'array' },
              { items: { $ref: '#/$defs/a' }, type: 'array' },
              leaf,
            ],
          },
        },
      },
      (inner) => [inner],
    ],
    [
      'members',
      {
        $ref: '#/$defs/a',
        $defs: {
          b: { properties: { x: { $ref: '#/$defs/a' } }, type: 'object' },
          a: { oneOf: [{ $ref: '#/$defs/b' }, { $ref: '#/$defs/b', required: ['y'] }, leaf] },
        },
      },
      (inner) => ({ x: inner }),
    ],
    [
      'negations',
      {
        $ref: '#/$defs/a',
        $defs: {
          a: {
            anyOf: [
              leaf,
              { not: { not: { type: 'array', items: { $ref: '#/$defs/a' } } } },
              { type: 'array', items: { $ref: '#/$defs/a' } },
            ],
          },
        },
      },
      (inner) => [inner],
    ],
  ];
  for (const [what, schema, wrap] of ambiguous) {
    it(`ends where alternatives lead back to themselves through ${what}`, () => {
      let value: unknown = 'no number';
      for (let depth = 0; depth < 64; depth++) value = wrap(value);
      // Without a bound this would take longer than anybody lives.
      assert.ok(faultsOf(schema, value).length > 0);
    });
  }

  it('takes as long as a value that is large needs', () => {
    const schema = {
      type: 'array',
      items: { $ref: '#/$defs/a' },
      $defs: {
        a: { oneOf: [{ $ref: '#/$defs/text' }, { $ref: '#/$defs/number' }] },
        text: { type: 'string' },
        number: leaf,
      },
    };
    const value = Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? i : `${i}`));
    assert.deepEqual(faultsOf(schema, value), []);
    assert.deepEqual(inShort(schema, [...value, null]).slice(-1), ['/100000 oneOf']);
  });

  it('tells every fault with its place', () => {
    const schema = {
      type: 'object',
      required: ['a', 'b'],
      properties: { a: { type: 'integer' }, 'x/y': { items: { maxLength: 1 } } },
      additionalProperties: false,
    };
    assert.deepEqual(inShort(schema, { a: 'x', 'x/y': ['a', 'bb', 'ccc'], 'z~': 1 }), [
      ' required',
      '/z~0 additionalProperties',
      '/a type',
      '/x~1y/1 maxLength',
      '/x~1y/2 maxLength',
    ]);
  });

  it('never tells a value', () => {
    const schema = {
      properties: {
        a: { enum: ['x'] },
        b: { const: 'x' },
        c: { format: 'email' },
        d: { pattern: '^x$' },
        e: { type: ['integer', 'null'] },
        f: { multipleOf: 3 },
        g: { uniqueItems: true },
        h: { contains: { const: 1 } },
        i: false,
        j: { not: {} },
        k: { propertyNames: { maxLength: 1 } },
        l: { dependentRequired: { secret: ['x'] } },
        m: { oneOf: [{ type: 'integer' }, { type: 'boolean' }] },
      },
    };
    const secret = 'secret';
    const value = Object.fromEntries('abcdeijm'.split('').map((name) => [name, secret]));
    const faults = faultsOf(schema, {
      ...value,
      f: 4711,
      g: [secret, secret],
      h: [secret],
      k: { secret },
      l: { secret },
    });
    assert.ok(faults.length >= 13);
    for (const { message, keyword } of faults) {
      assert.ok(!message.includes('4711'), message);
      if (keyword !== 'dependentRequired') assert.ok(!message.includes(secret), message);
    }
  });

  it('says what there is and what is not, only by names that are the value’s own', () => {
    assert.deepEqual(inShort({ required: ['toString', 'constructor'] }, {}), [' required', ' required']);
    assert.deepEqual(inShort({ properties: { toString: { type: 'string' } } }, {}), []);
    const polluted = JSON.parse('{"__proto__":1}') as unknown;
    assert.deepEqual(inShort({ additionalProperties: false }, polluted), ['/__proto__ additionalProperties']);
  });

  it('tells about as many faults as it should, of however many there are', () => {
    const many = Array.from({ length: 20_000 }, () => 'x');
    const item = { oneOf: Array.from({ length: 10 }, (_, i) => ({ const: i })) };
    const schemas = [
      { items: item },
      { items: { $ref: '#/$defs/item' }, $defs: { item } },
      { properties: { list: { items: item } }, anyOf: [{ items: item }, { items: { type: 'integer' } }] },
      { items: { allOf: [item, { type: 'object' }] } },
    ];
    for (const schema of schemas) {
      const { length } = faultsOf(schema, many);
      assert.ok(length > 0 && length < MAX_FAULTS + 50, String(length));
    }
    const nested = faultsOf({ prefixItems: [{ items: item }], items: { items: item } }, [many, many]).length;
    assert.ok(nested > 0 && nested < MAX_FAULTS + 50, String(nested));
    const record = Object.fromEntries(many.map((value, i) => [`k${i}`, value]));
    for (const schema of [
      { additionalProperties: item },
      { patternProperties: { '^k': item } },
      { propertyNames: item },
    ]) {
      const { length } = faultsOf(schema, record);
      assert.ok(length > 0 && length < MAX_FAULTS + 50, String(length));
    }
  });

  it('finds the one item that it looks for among many others', () => {
    const others = Array.from({ length: 50_000 }, () => ({ a: 1 }));
    const schema = {
      contains: { $ref: '#/$defs/wanted' },
      $defs: { wanted: { type: 'object', required: ['b'] } },
    };
    assert.deepEqual(inShort(schema, [...others, { b: 1 }]), []);
    assert.deepEqual(inShort(schema, others), [' contains']);
    assert.deepEqual(inShort({ contains: { const: 1 }, minContains: 2, maxContains: 3 }, [1, 1, 1, 1]), [
      ' contains',
    ]);
    assert.deepEqual(inShort({ contains: { const: 1 }, minContains: 0 }, []), []);
  });

  it('lets an alternative fail for however many names, if another fits', () => {
    const record = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i]));
    const item = { oneOf: Array.from({ length: 10 }, () => ({ type: 'string' })) };
    const schema = {
      anyOf: [{ patternProperties: { '^k': item } }, { additionalProperties: item }, { type: 'object' }],
    };
    assert.deepEqual(inShort(schema, record), []);
  });

  it('refuses what is infinite after reading', () => {
    assert.deepEqual(inShort({ type: 'number' }, JSON.parse('1e999')), [' type']);
  });
});

describe('areUnique', () => {
  it('compares as JSON Schema does', () => {
    for (const same of [
      [1, 1],
      ['a', 'a'],
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      [[], []],
      [null, null],
    ])
      assert.ok(!areUnique(same));
    for (const different of [
      [1, '1'],
      [1, true],
      [0, false],
      ['{}', {}],
      [
        [1, 2],
        [2, 1],
      ],
      [{ a: 1 }, { a: 2 }],
      ['"a"', 'a'],
    ])
      assert.ok(areUnique(different));
  });

  it('agrees with comparing each with each', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (values) => {
        const items = [...values, structuredClone(values[0] ?? null)];
        const isTwice = (i: number): boolean => items.some((other, j) => j < i && isSame(other, items[i]));
        assert.equal(areUnique(items), !items.some((_, i) => isTwice(i)));
      }),
      { numRuns: 200 },
    );
  });
});

function isSame(a: unknown, b: unknown): boolean {
  try {
    // -0 and 0 are one number of JSON.
    assert.deepEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
    return true;
  } catch {
    return false;
  }
}

describe('isMultipleOf', () => {
  it('counts as people do with decimal fractions', () => {
    for (const [value, divisor] of [
      [19.99, 0.01],
      [0.3, 0.1],
      [1.1, 0.1],
      [4.35, 0.05],
      [-7.5, 2.5],
      [0, 3],
      [1e300, 1],
    ] as const)
      assert.ok(isMultipleOf(value, divisor), `${value} ${divisor}`);
    for (const [value, divisor] of [
      [19.995, 0.01],
      [1, 0.3],
      [7, 2],
      [0.0075, 0.01],
      [1e308, 0.123456789],
    ] as const)
      assert.ok(!isMultipleOf(value, divisor), `${value} ${divisor}`);
  });
});
