import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { readDocument, writeDocument, writeDocumentYaml } from './documents.ts';
import { type JsonObject, KINDS } from './objects.ts';

function told(text: string | Record<string, unknown>): string[] {
  const read = readDocument(text);
  return read.kind === 'read'
    ? read.objects.map(({ kind, name }) => `${kind}.${name}`)
    : read.issues.map(({ code, pointer, line, column }) => `${code} ${pointer} ${line}:${column}`);
}

describe('readDocument', () => {
  for (const [text, expected] of [
    [
      'routes: { a: { service: s } }\nservices:\n  s: { endpoints: [http://a] }\n',
      ['routes.a', 'services.s'],
    ],
    ['{"lists": {"l": {"addresses": []}}}', ['lists.l']],
    ['routes:\nservices: {}\n', []],
    ['{}', []],
    ['routes:\n  a:\n', ['routes.a']],
    ['admin: {}\n', ['NOT_ALLOWED /admin 1:1']],
    ['routes: []\n', ['WRONG_TYPE /routes 1:1']],
    ['routes:\n  a: []\n', ['WRONG_TYPE /routes/a 2:3']],
    ['routes:\n  a: {}\n  a: {}\n', ['DUPLICATE_KEY  3:3']],
    ['- a\n', ['WRONG_TYPE  1:1']],
    ['routes: {', ['SYNTAX  1:9']],
    [`routes: { a: ${'['.repeat(100)}${']'.repeat(100)} }`, ['WRONG_TYPE /routes/a 1:11']],
    [`routes: { a: { b: ${'['.repeat(100)}${']'.repeat(100)} } }`, ['WRONG_TYPE /routes/a 1:11']],
    [`routes: { a: { b: ${'x'.repeat(300_000)} } }`, ['WRONG_TYPE /routes/a 1:11']],
    [
      'services: { __proto__: { polluted: true }, constructor: {} }',
      ['services.__proto__', 'services.constructor'],
    ],
  ] as const) {
    it(`reads ${JSON.stringify(text.slice(0, 60))}`, () => assert.deepEqual(told(text), expected));
  }

  it('refuses a list that is longer than calls have arguments', () =>
    assert.deepEqual(told({ routes: { a: { b: Array(500_000).fill(0) } } }), ['WRONG_TYPE /routes/a 1:1']));

  it('does not parse YAML that could take all memory', () => {
    const text = `routes: { a: { b: [${'a,'.repeat(2 ** 19)}a] } }`;
    const read = readDocument(text);
    assert.ok(read.kind === 'rejected');
    assert.match(read.issues[0]?.message ?? '', /has to come as JSON/);
  });

  it('takes what was parsed already', () => {
    assert.deepEqual(told({ routes: { a: {} }, apis: null }), ['routes.a']);
    assert.deepEqual(told(JSON.parse('{"__proto__": {}}') as Record<string, unknown>), [
      'NOT_ALLOWED /__proto__ 1:1',
    ]);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});

const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}$/);
const document = fc.dictionary(
  fc.string({ maxLength: 8 }),
  fc.jsonValue({ maxDepth: 4, noUnicodeString: false }),
  { maxKeys: 4, noNullPrototype: true },
);

describe('writeDocument', () => {
  it('is read again as the same, by way of YAML and of JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...KINDS), name, document), { maxLength: 6 }), (all) => {
        const objects = new Map(
          all.map(([kind, name, document]) => [
            `${kind}.${name}`,
            { kind, name, document: JSON.parse(JSON.stringify(document)) as JsonObject },
          ]),
        );
        const written = writeDocument([...objects.values()]);
        for (const text of [writeDocumentYaml(written), JSON.stringify(written)]) {
          const read = readDocument(text);
          assert.equal(read.kind, 'read', text);
          if (read.kind !== 'read') continue;
          assert.equal(read.objects.length, objects.size);
          assert.deepEqual(writeDocument(read.objects), written);
        }
      }),
    );
  });

  it('is in order, the same whatever order objects come in, and without secrets', () => {
    const objects = [
      { kind: 'consumers', name: 'b', document: { keys: ['hidden'] } },
      { kind: 'consumers', name: 'a', document: {} },
      { kind: 'services', name: 's', document: { endpoints: ['http://a'] } },
    ] as const;
    const text = writeDocumentYaml(writeDocument(objects), ['one\ntwo']);
    assert.equal(text, writeDocumentYaml(writeDocument(objects.toReversed()), ['one\ntwo']));
    assert.equal(
      text,
      '# one two\nservices:\n  s:\n    endpoints:\n      - http://a\nconsumers:\n  a: {}\n  b:\n    keys:\n      - "***"\n',
    );
  });
});
