import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  isTooLong,
  manifestTexts,
  measure,
  openDocument,
  openSchema,
  operationOf,
  operationVariables,
  persistedOperations,
  type Measures,
  type OpenSchema,
} from './graphql.ts';

interface Rig {
  readonly schema?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operation?: string;
}

function measured(text: string, { schema, variables = {}, operation }: Rig = {}): Measures | string {
  const document = openDocument(text, 10_000);
  if (typeof document === 'string') return document;
  const node = operationOf(document, operation ?? null);
  if (typeof node === 'string') return node;
  return measure(document, node, {
    variables,
    listSize: 10,
    schema: schema === undefined ? null : opened(schema),
  });
}

function opened(text: string): OpenSchema {
  const schema = openSchema(text);
  assert.ok(typeof schema !== 'string', String(schema));
  return schema;
}

function costOf(text: string, rig: Rig = {}): number {
  const found = measured(text, rig);
  assert.ok(typeof found !== 'string', String(found));
  return found.cost;
}

describe('an operation', () => {
  const table: readonly (readonly [text: string, expected: Partial<Measures>])[] = [
    ['{ a }', { depth: 1, rootFields: 1, aliases: 0, directives: 0, cost: 0, introspects: false }],
    ['{ a b c }', { depth: 1, rootFields: 3 }],
    ['{ a { b { c } } d { e } }', { depth: 3, rootFields: 2, cost: 3 }],
    ['{ x: a y: b { z: c } }', { aliases: 3 }],
    [
      'query Q @q { a @skip(if: true) ... @include(if: true) { b } }',
      { directives: 3, depth: 1, rootFields: 2 },
    ],
    ['{ ...F ...F } fragment F on Q { a { b } }', { depth: 2, rootFields: 2, cost: 2 }],
    ['{ ... on Q { a { b } } }', { depth: 2, rootFields: 1 }],
    ['mutation { a b }', { rootFields: 2, cost: 20 }],
    ['{ __schema { types { name { a { b { c { d } } } } } } }', { depth: 1, introspects: true, cost: 0 }],
    ['{ ...F } fragment F on Q { __type(name: "A") { name } }', { introspects: true }],
    ['{ __typename a { __typename } }', { introspects: false, depth: 2 }],
  ];
  for (const [text, expected] of table)
    it(`has measures: ${text}`, () => {
      const found = measured(text);
      assert.ok(typeof found !== 'string', String(found));
      assert.deepEqual({ ...found, ...expected }, found);
    });

  it('costs what its lists may be long, by literals and variables', () => {
    assert.equal(costOf('{ users(first: 50) { id } }'), 50);
    assert.equal(costOf(`{ a(first: ${'9'.repeat(400)}) }`), 0);
    assert.equal(costOf(`{ users(first: ${'9'.repeat(400)}) { id } }`), 1e15);
    assert.equal(costOf('{ users(first: 50) { posts(last: 10) { title } } }'), 50 * 11);
    assert.equal(costOf('query Q($n: Int) { users(first: $n) { id } }', { variables: { n: 7 } }), 7);
    assert.equal(costOf('query Q($n: Int) { users(first: $n) { id } }'), 1);
    assert.equal(costOf('{ users(first: 2, last: 9) { id } }'), 9);
    assert.equal(costOf('{ users(first: -5) { id } }'), 0);
  });

  it('has a finite cost, however it is written', () => {
    const nested = `${'{ a(first: 999999999) '.repeat(50)}{ b }${' }'.repeat(50)}`;
    const cost = costOf(nested);
    assert.ok(Number.isFinite(cost) && cost > 1e14);
  });

  it('is measured at once although fragments double it fifty times', () => {
    const fragments = Array.from(
      { length: 50 },
      (_, i) => `fragment F${i} on Q { x: a { ...F${i + 1} } y: a { ...F${i + 1} } }`,
    );
    const found = measured(`{ ...F0 } ${fragments.join(' ')} fragment F50 on Q { a }`);
    assert.ok(typeof found !== 'string');
    assert.equal(found.depth, 51);
    assert.ok(found.aliases > 1e14 && Number.isFinite(found.cost));
  });

  it('has no measures with fragments that are missing or go in circles', () => {
    assert.match(String(measured('{ ...F }')), /no fragment "F"/);
    assert.match(String(measured('{ ...F } fragment F on Q { a { ...F } }')), /spreads itself/);
    assert.match(String(measured('{ ...F } fragment F on Q { ...G } fragment G on Q { ...F }')), /itself/);
  });

  it('is chosen by its name', () => {
    const two = 'query A { a } query B { b { c } }';
    assert.match(String(measured(two)), /several operations/);
    assert.match(String(measured(two, { operation: 'C' })), /no operation of that name/);
    assert.equal((measured(two, { operation: 'B' }) as Measures).depth, 2);
    assert.match(String(measured('fragment F on Q { a }')), /no operation/);
  });

  it('has variables', () => {
    const document = openDocument('query Q($a: Int!, $b: [ID!]! = [], $c: String) { a }', 100);
    assert.ok(typeof document !== 'string');
    const node = operationOf(document, null);
    assert.ok(typeof node !== 'string');
    assert.deepEqual(operationVariables(node), [
      { name: 'a', type: 'Int', isList: false, isRequired: true },
      { name: 'b', type: 'ID', isList: true, isRequired: false },
      { name: 'c', type: 'String', isList: false, isRequired: false },
    ]);
  });
});

describe('a document', () => {
  it('that cannot be read says why and where', () => {
    assert.match(String(openDocument('{ a', 100)), /Line 1, column 4/);
    assert.match(String(openDocument('type A { b: Int }', 100)), /Only operations/);
    assert.match(
      String(openDocument('{...F} fragment F on Q {a} fragment F on Q {b}', 100)),
      /two fragments/,
    );
  });

  it('that is too long is not read to its end', () => {
    const found = openDocument(`{ ${'a '.repeat(100)} }`, 50);
    assert.ok(typeof found === 'string' && isTooLong(found), String(found));
    assert.ok(!isTooLong(String(openDocument('{', 50))));
  });

  it('may be nested as deeply as the stack allows, and no deeper', () => {
    const nested = (depth: number): string => `${'{a'.repeat(depth)}${'}'.repeat(depth)}`;
    assert.equal((measured(nested(600)) as Measures).depth, 600);
    const found = openDocument(nested(45_000), 100_000);
    assert.ok(typeof found === 'string' && isTooLong(found), String(found).slice(0, 80));
  });
});

describe('with a schema', () => {
  const schema = `
    type Query { user: User  users: [User!]!  page(first: Int, after: String): Page  feed: Feed @cost(weight: "5")
      top(limit: Int): [User] @listSize(assumedSize: 100, slicingArguments: ["limit"])
      search(first: Int): Found @listSize(slicingArguments: ["first"], sizedFields: ["hits"]) any: Thing }
    type Mutation { rename: User }
    type User @cost(weight: "2") { id: ID  friends: [User]  tags: [String] }
    type Page { edges: [Edge]  total: Int }
    type Edge { node: User }
    type Feed { items: [User] }
    type Found { hits: [User]  others: [User] }
    union Thing = User | Feed
  `;
  const table: readonly (readonly [text: string, cost: number])[] = [
    ['{ user { id } }', 2],
    ['{ users { id } }', 20],
    ['{ users { friends { id } } }', 10 * (2 + 20)],
    ['{ users { tags } }', 20],
    ['{ page(first: 5) { edges { node { id } } total } }', 1 + 5 * (1 + 2)],
    ['{ page { edges { node { id } } } }', 1 + 10 * 3],
    ['{ feed { items { id } } }', 5 + 20],
    ['{ top { id } }', 200],
    ['{ top(limit: 3) { id } }', 6],
    ['{ search(first: 2) { hits { id } others { id } } }', 1 + 4 + 20],
    ['{ any { ... on User { id } ... on Feed { items { id } } } }', 1 + 20],
    ['mutation { rename { id } }', 12],
  ];
  for (const [text, cost] of table)
    it(`costs ${cost}: ${text}`, () => assert.equal(costOf(text, { schema }), cost));

  it('is checked against it', () => {
    const document = openDocument('query ($n: Int!) { users { nmae } }', 100);
    assert.ok(typeof document !== 'string');
    const faults = opened(schema).faultsOf(document);
    assert.ok(
      faults.some((fault) => fault.includes('nmae')),
      faults.join('\n'),
    );
    assert.ok(!faults.join().includes('Did you mean'), 'a client is not told what else there is');
  });

  it('that is no schema says why', () => {
    assert.match(String(openSchema('type A { b Int }')), /Line 1, column 12/);
    assert.match(String(openSchema('type A { b: Missing }')), /Missing/);
  });
});

describe('persisted operations', () => {
  it('are found by id and by the SHA-256 of their text', () => {
    const { byId } = persistedOperations(JSON.stringify({ GetUser: '{ user { id } }' }));
    const digest = hash('sha256', '{ user { id } }');
    for (const id of ['GetUser', digest, `sha256:${digest}`]) assert.equal(byId.get(id), '{ user { id } }');
    assert.equal(byId.get('toString'), undefined);
  });

  it('come from an object of texts, or from a manifest', () => {
    assert.deepEqual(manifestTexts({ a: '{ b }' }), { a: '{ b }' });
    const apollo = {
      format: 'apollo-persisted-query-manifest',
      operations: [{ id: 'x', name: 'X', body: '{ y }' }],
    };
    assert.deepEqual(manifestTexts(apollo), { x: '{ y }' });
    for (const wrong of [null, [], 'a', { a: 1 }, { operations: [{ id: 1 }] }, { operations: [null] }])
      assert.equal(manifestTexts(wrong), null);
  });
});
