import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { documentWith, found, headOf, inShort } from '../validation-testing.ts';
import { styleOf } from './style.ts';

/** How a parameter is described: `in` and `style`, and whether it is exploded. */
interface Sketch {
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly style?: string;
  readonly explode?: boolean;
  readonly schema: object;
}

/** What is wrong with a request whose parameter `color` is written like this. */
function violations(sketch: Sketch, written: string, unknown: 'allow' | 'refuse' = 'refuse'): string[] {
  const parameter = { name: 'color', required: true, ...sketch };
  const path = sketch.in === 'path' ? '/things/{color}' : '/things';
  const document = documentWith({ path, operation: { parameters: [parameter] } });
  const { operation, params } = found(document, { path: sketch.in === 'path' ? `/things/${written}` : path });
  const cookies = Object.groupBy(written.split('; '), (pair) => pair.split('=')[0] ?? '');
  const head = headOf({
    params,
    ...(sketch.in === 'query' && { query: written }),
    ...(sketch.in === 'header' && { headers: { color: written } }),
    ...(sketch.in === 'cookie' && {
      cookies: Object.fromEntries(
        Object.entries(cookies).map(([name, pairs = []]) => [
          name,
          pairs.map((pair) => pair.slice(name.length + 1)),
        ]),
      ),
    }),
  });
  return inShort(operation.checkHead(head, unknown));
}

const exactly = (value: unknown) => ({ const: value });
const TEXT = { type: 'string', ...exactly('blue') };
const EMPTY = { type: 'string', ...exactly('') };
const LIST = { type: 'array', items: { type: 'string' }, ...exactly(['blue', 'black', 'brown']) };
const INTEGERS = { type: 'integer' };
const RECORD = {
  type: 'object',
  properties: { R: INTEGERS, G: INTEGERS, B: INTEGERS },
  ...exactly({ R: 100, G: 200, B: 150 }),
};

/** What is wrong with a parameter of a type. */
function typed(type: string, written: string): string[] {
  return violations({ in: 'query', schema: { type } }, `color=${written}`);
}

describe('a parameter', () => {
  const table: readonly (readonly [
    where: Sketch['in'],
    style: string,
    explode: boolean,
    schema: object,
    written: string,
  ])[] = [
    ['path', 'matrix', false, EMPTY, ';color'],
    ['path', 'matrix', false, TEXT, ';color=blue'],
    ['path', 'matrix', false, LIST, ';color=blue,black,brown'],
    ['path', 'matrix', false, RECORD, ';color=R,100,G,200,B,150'],
    ['path', 'matrix', true, EMPTY, ';color'],
    ['path', 'matrix', true, TEXT, ';color=blue'],
    ['path', 'matrix', true, LIST, ';color=blue;color=black;color=brown'],
    ['path', 'matrix', true, RECORD, ';R=100;G=200;B=150'],
    ['path', 'label', false, EMPTY, '.'],
    ['path', 'label', false, TEXT, '.blue'],
    ['path', 'label', false, LIST, '.blue,black,brown'],
    ['path', 'label', false, LIST, '.blue.black.brown'],
    ['path', 'label', false, RECORD, '.R,100,G,200,B,150'],
    ['path', 'label', false, RECORD, '.R.100.G.200.B.150'],
    ['path', 'label', true, LIST, '.blue.black.brown'],
    ['path', 'label', true, RECORD, '.R=100.G=200.B=150'],
    ['path', 'simple', false, TEXT, 'blue'],
    ['path', 'simple', false, LIST, 'blue,black,brown'],
    ['path', 'simple', false, RECORD, 'R,100,G,200,B,150'],
    ['path', 'simple', true, LIST, 'blue,black,brown'],
    ['path', 'simple', true, RECORD, 'R=100,G=200,B=150'],
    ['query', 'form', false, EMPTY, 'color='],
    ['query', 'form', false, TEXT, 'color=blue'],
    ['query', 'form', false, LIST, 'color=blue,black,brown'],
    ['query', 'form', false, RECORD, 'color=R,100,G,200,B,150'],
    ['query', 'form', true, EMPTY, 'color='],
    ['query', 'form', true, EMPTY, 'color'],
    ['query', 'form', true, TEXT, 'color=blue'],
    ['query', 'form', true, LIST, 'color=blue&color=black&color=brown'],
    ['query', 'form', true, RECORD, 'R=100&G=200&B=150'],
    ['query', 'spaceDelimited', false, LIST, 'color=blue%20black%20brown'],
    ['query', 'spaceDelimited', false, LIST, 'color=blue+black+brown'],
    ['query', 'spaceDelimited', false, RECORD, 'color=R%20100%20G%20200%20B%20150'],
    ['query', 'pipeDelimited', false, LIST, 'color=blue%7Cblack%7Cbrown'],
    ['query', 'pipeDelimited', false, LIST, 'color=blue|black|brown'],
    ['query', 'pipeDelimited', false, RECORD, 'color=R%7C100%7CG%7C200%7CB%7C150'],
    ['query', 'deepObject', true, RECORD, 'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
    ['query', 'deepObject', true, RECORD, 'color[R]=100&color[G]=200&color[B]=150'],
    ['header', 'simple', false, TEXT, 'blue'],
    ['header', 'simple', false, LIST, 'blue, black,brown'],
    ['header', 'simple', false, RECORD, 'R,100,G,200,B,150'],
    ['header', 'simple', true, RECORD, 'R=100,G=200,B=150'],
    ['cookie', 'form', true, TEXT, 'color=blue'],
    ['cookie', 'form', false, LIST, 'color=blue,black,brown'],
    ['cookie', 'form', true, LIST, 'color=blue; color=black; color=brown'],
    ['cookie', 'form', true, RECORD, 'R=100; G=200; B=150'],
    ['cookie', 'cookie', true, { ...exactly('50%') }, 'color=50%'],
  ];
  for (const [where, style, explode, schema, written] of table) {
    it(`in the ${where} in style ${style}${explode ? ', exploded' : ''}, is read from ${written}`, () => {
      assert.deepEqual(violations({ in: where, style, explode, schema }, written), []);
    });
  }

  it('is decoded after it was taken apart, so that an escaped delimiter is none', () => {
    const schema = { type: 'array', ...exactly(['a,b', 'c d']) };
    assert.deepEqual(violations({ in: 'query', explode: false, schema }, 'color=a%2Cb,c+d'), []);
    assert.deepEqual(violations({ in: 'path', schema: exactly('a+b') }, 'a+b'), []);
  });

  const wrong: readonly (readonly [
    what: string,
    sketch: Sketch,
    written: string,
    violations: readonly string[],
  ])[] = [
    ['of another type', { in: 'query', schema: { type: 'integer' } }, 'color=blue', ['color type']],
    [
      'with an item of another type',
      { in: 'query', schema: { type: 'array', items: INTEGERS } },
      'color=1&color=x',
      ['color #/1 type'],
    ],
    [
      'with a property of another type',
      { in: 'query', style: 'deepObject', schema: RECORD },
      'color[R]=x',
      ['color const', 'color #/R type'],
    ],
    ['that is missing', { in: 'query', schema: TEXT }, '', ['color required']],
    ['that is there twice', { in: 'query', schema: TEXT }, 'color=blue&color=blue', ['color encoding']],
    ['that is not decodable', { in: 'query', schema: TEXT }, 'color=%zz', ['color encoding']],
    ['that is not UTF-8', { in: 'query', schema: TEXT }, 'color=%ff', ['color encoding']],
    ['that is not decodable in the path', { in: 'path', schema: TEXT }, '%C3%28', ['color encoding']],
    ['without its dot', { in: 'path', style: 'label', schema: TEXT }, 'blue', ['color encoding']],
    [
      'without its semicolon',
      { in: 'path', style: 'matrix', schema: TEXT },
      'color=blue',
      ['color encoding'],
    ],
    ['under another name', { in: 'path', style: 'matrix', schema: TEXT }, ';colour=blue', ['color encoding']],
    ['with a name without value', { in: 'path', schema: RECORD }, 'R,100,G', ['color encoding']],
    [
      'with a value without name',
      { in: 'header', explode: true, schema: RECORD },
      'R=100,200',
      ['color encoding'],
    ],
    [
      'that is nested too deeply',
      { in: 'query', style: 'deepObject', schema: RECORD },
      'color[R][x]=1',
      ['color encoding'],
    ],
  ];
  for (const [what, sketch, written, expected] of wrong) {
    it(`${what} is a violation`, () => assert.deepEqual(violations(sketch, written), expected));
  }

  it('has only the spellings of numbers and truth values that JSON has', () => {
    for (const written of ['0', '-1', '1.5', '1e3', '-0.1E-2'])
      assert.deepEqual(typed('number', written), [], written);
    for (const written of ['', '01', '+1', '1.', '.5', '0x10', 'Infinity', 'NaN', '1e999', ' 1'])
      assert.deepEqual(typed('number', written), ['color type'], written);
    assert.deepEqual(typed('boolean', 'true'), []);
    for (const written of ['', '1', 'True', 'yes'])
      assert.deepEqual(typed('boolean', written), ['color type'], written);
  });

  it('is what an alternative of its schema wants', () => {
    const schema = {
      anyOf: [
        { type: 'integer', minimum: 1 },
        { type: 'string', enum: ['all'] },
      ],
    };
    for (const written of ['1', 'all'])
      assert.deepEqual(violations({ in: 'query', schema }, `color=${written}`), []);
    assert.notDeepEqual(violations({ in: 'query', schema }, 'color=0'), []);
    const some = { anyOf: [{ type: 'string' }, { type: 'array', minItems: 2 }] };
    assert.deepEqual(violations({ in: 'query', schema: some }, 'color=a&color=b'), []);
  });

  it('may be written as JSON', () => {
    const operation = {
      parameters: [
        {
          name: 'filter',
          in: 'query',
          content: { 'application/json': { schema: { type: 'array', items: INTEGERS } } },
        },
      ],
    };
    const { operation: compiled } = found(documentWith({ operation }));
    const check = (query: string) => inShort(compiled.checkHead(headOf({ query }), 'refuse'));
    assert.deepEqual(check('filter=%5B1,2%5D'), []);
    assert.deepEqual(check('filter=%5B1,%22x%22%5D'), ['filter #/1 type']);
    assert.deepEqual(check('filter=%5B1'), ['filter syntax']);
  });

  it('may be empty where the document says so', () => {
    const flag = { name: 'flag', in: 'query', allowEmptyValue: true, schema: { type: 'integer' } };
    const { operation } = found(documentWith({ operation: { parameters: [flag] } }));
    assert.deepEqual(operation.checkHead(headOf({ query: 'flag' }), 'refuse'), []);
  });
});

describe('unknown parameters', () => {
  const parameters = [
    { name: 'page', in: 'query', schema: { type: 'integer' } },
    { name: 'color', in: 'query', style: 'deepObject', schema: RECORD },
  ];
  const unknown = (query: string, more: readonly object[] = []) => {
    const { operation } = found(documentWith({ operation: { parameters: [...parameters, ...more] } }));
    return inShort(operation.checkHead(headOf({ query }), 'refuse'));
  };

  it('are refused by name, once each', () => {
    assert.deepEqual(unknown('page=1&x=1&y=1&x=2'), ['x unknown', 'y unknown']);
  });

  it('are not repeated when their names are long, and not more than fifty of them', () => {
    assert.deepEqual(unknown(`${'x'.repeat(65)}=1`), ['unknown']);
    assert.equal(unknown(Array.from({ length: 200 }, (_, i) => `x${i}=`).join('&')).length, 50);
  });

  it('pass where they are allowed', () => {
    const { operation } = found(documentWith({ operation: { parameters } }));
    assert.deepEqual(operation.checkHead(headOf({ query: 'x=1' }), 'allow'), []);
  });

  it('are the properties of an exploded object that takes others', () => {
    const closed = {
      name: 'options',
      in: 'query',
      schema: { type: 'object', properties: { a: TEXT }, additionalProperties: false },
    };
    const open = {
      name: 'options',
      in: 'query',
      schema: { type: 'object', additionalProperties: { type: 'integer' } },
    };
    assert.deepEqual(unknown('a=blue&b=1', [closed]), ['b unknown']);
    assert.deepEqual(unknown('a=1&b=2&page=3', [open]), []);
    assert.deepEqual(unknown('a=1&b=x&page=3', [open]), ['options #/b type']);
  });

  it('are those of a query that is described as a whole', () => {
    const content = {
      'application/x-www-form-urlencoded': {
        schema: { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: false },
      },
    };
    const document = documentWith({
      version: '3.2.0',
      operation: { parameters: [{ name: 'all', in: 'querystring', content }] },
    });
    const { operation } = found(document);
    assert.deepEqual(inShort(operation.checkHead(headOf({ query: 'a=1' }), 'refuse')), []);
    assert.deepEqual(inShort(operation.checkHead(headOf({ query: 'a=x&b=1' }), 'refuse')), [
      'all #/a type',
      'b unknown',
    ]);
  });
});

describe('reading parameters', () => {
  it('never throws, and tells a bounded number of violations, whatever is sent', () => {
    const names = ['form', 'list', 'deep', 'open', 'pipe', 'json'];
    const parameters = [
      { name: 'form', in: 'query', schema: { type: 'integer' } },
      { name: 'list', in: 'query', explode: false, schema: { type: 'array', items: INTEGERS } },
      { name: 'deep', in: 'query', style: 'deepObject', schema: RECORD },
      { name: 'pipe', in: 'query', style: 'pipeDelimited', schema: RECORD },
      { name: 'json', in: 'query', content: { 'application/json': { schema: RECORD } } },
      { name: 'open', in: 'query', schema: { type: 'object', additionalProperties: INTEGERS } },
      { name: 'head', in: 'header', explode: true, schema: RECORD },
      { name: 'cook', in: 'cookie', schema: { type: 'array', items: INTEGERS } },
      { name: 'id', in: 'path', required: true, style: 'matrix', explode: true, schema: RECORD },
    ];
    const { operation } = found(documentWith({ path: '/things/{id}', operation: { parameters } }), {
      path: '/things/1',
    });
    const noise = fc.string({
      unit: fc.constantFrom(
        'a',
        '1',
        '%',
        '2',
        'C',
        'f',
        ',',
        ';',
        '=',
        '&',
        '[',
        ']',
        '|',
        '+',
        '.',
        '-',
        '"',
        '{',
        '\u00ff',
      ),
    });
    const query = fc
      .array(fc.tuple(fc.constantFrom(...names, 'R', 'deep[R]', 'deep['), noise))
      .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
    fc.assert(
      fc.property(query, noise, noise, (written, first, second) => {
        const head = headOf({
          params: [first],
          query: written,
          headers: { head: second },
          cookies: { cook: [first, second] },
        });
        const found = operation.checkHead(head, 'refuse');
        assert.ok(found.length < 500);
        for (const { detail, pointer } of found) {
          assert.match(detail, /^[\w ,.'">=<-]+$/);
          assert.ok(pointer === undefined || pointer.startsWith('#'));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('styleOf', () => {
  it('is the usual one where a place does not have the one that is written', () => {
    assert.equal(styleOf('', 'query'), 'form');
    assert.equal(styleOf('matrix', 'query'), 'form');
    assert.equal(styleOf('label', 'path'), 'label');
    assert.equal(styleOf('form', 'header'), 'simple');
  });
});
