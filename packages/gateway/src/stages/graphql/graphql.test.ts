import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { GraphqlConfig } from '@turnpike/config';
import * as library from '@turnpike/config/graphql';
import { countedDecisions } from '../../core/decisions-testing.ts';
import type { Exchange, Operation, Reply } from '../../core/exchange.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { Headers, headersOf } from '../../core/headers.ts';
import { stack } from '../../core/stack.ts';
import type { Register } from './documents.ts';
import { graphqlErrors } from './graphql-errors.ts';
import { graphql } from './graphql.ts';

const CONFIG: GraphqlConfig = {
  mode: 'on',
  maxDepth: 3,
  maxCost: 100,
  maxAliases: 2,
  maxRootFields: 3,
  maxDirectives: 2,
  maxTokens: 100,
  maxBatch: 2,
  listSize: 10,
  introspection: false,
  schema: null,
  persisted: null,
  automatic: false,
  bodyBytes: 2000,
};
const OPERATIONS = { '/ops': JSON.stringify({ GetUser: 'query GetUser { user { id } }' }) };

const nobody: Register = { add() {}, find: () => Promise.resolve(null) };

function rig(
  config: Partial<GraphqlConfig> = {},
  texts: Readonly<Record<string, string>> = OPERATIONS,
  register = nobody,
) {
  const plan = { ...CONFIG, ...config };
  const counted = countedDecisions();
  const operations: string[] = [];
  const served: Exchange[] = [];
  const handle = stack()
    .through(graphqlErrors(plan))
    .through(
      graphql(plan, {
        decisions: counted.decisions,
        library: () => library,
        texts,
        register,
        countOperation: ({ type, name, cost }: Operation, isKnown) =>
          operations.push(`${type} ${name} ${cost} ${isKnown}`),
      }),
    )
    .to(async (exchange): Promise<Reply> => {
      served.push(exchange);
      return { status: 200, headers: new Headers(), body: '{"data":{}}', code: '', tunnel: null };
    });

  async function post(value: unknown, fields: Readonly<Record<string, string>> = {}, query = '') {
    const headers = headersOf(['Content-Type', 'application/json'], ...Object.entries(fields));
    const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('latin1');
    const exchange = exchangeFrom({ method: 'POST', headers, body, query });
    return answerTo(exchange);
  }

  async function get(query: string, fields: Readonly<Record<string, string>> = {}) {
    return answerTo(exchangeFrom({ method: 'GET', query, headers: headersOf(...Object.entries(fields)) }));
  }

  async function answerTo(exchange: Exchange) {
    const { status, headers, body, code } = await handle(exchange);
    const value = JSON.parse(String(body)) as {
      errors?: { message: string; extensions: Record<string, unknown> }[];
    };
    return { status, code, type: headers.get('content-type'), headers, error: value.errors?.[0], exchange };
  }
  return { post, get, answerTo, served, counted, operations };
}

const NEW = { Accept: 'application/graphql-response+json' };

describe('the graphql policy', () => {
  it('lets pass what asks for little, and tells later stages what it is', async () => {
    const { post, served, counted, operations } = rig();
    const { status, exchange } = await post({ query: 'query A { users(first: 5) { id } }' });
    assert.equal(status, 200);
    assert.deepEqual(exchange.operation, { type: 'query', name: 'A', cost: 5, depth: 2 });
    assert.equal(served.length, 1);
    assert.deepEqual(counted.take(), ['graphql allowed']);
    assert.deepEqual(operations, ['query A 5 false']);
  });

  const limits: readonly (readonly [reason: string, query: string, rule: string])[] = [
    ['depth', '{ a { b { c { d } } } }', 'graphql.maxDepth'],
    ['aliases', '{ x: a y: b { z: c } }', 'graphql.maxAliases'],
    ['root-fields', '{ a b c d }', 'graphql.maxRootFields'],
    ['directives', '{ a @x b @y c @z }', 'graphql.maxDirectives'],
    ['cost', '{ a(first: 101) { b } }', 'graphql.maxCost'],
    ['tokens', `{ ${'a '.repeat(100)} }`, 'graphql.maxTokens'],
  ];
  for (const [reason, query, rule] of limits)
    it(`refuses too much: ${reason}`, async () => {
      const { post, served, counted } = rig();
      const old = await post({ query });
      assert.deepEqual([old.status, old.type], [200, 'application/json'], 'as older clients expect it');
      assert.deepEqual(
        [old.error?.extensions['code'], old.error?.extensions['rule']],
        ['GRAPHQL_LIMITED', rule],
      );
      const now = await post({ query }, NEW);
      assert.deepEqual([now.status, now.type], [422, 'application/graphql-response+json']);
      assert.deepEqual(counted.take(), [`graphql denied ${reason}`, `graphql denied ${reason}`]);
      assert.equal(served.length, 0);
    });

  it('refuses what asks for the schema, unless it may', async () => {
    const query = '{ __schema { types { name } } }';
    const { error } = await rig().post({ query });
    assert.equal(error?.extensions['code'], 'GRAPHQL_FORBIDDEN');
    assert.equal((await rig({ introspection: true }).post({ query })).error, undefined);
  });

  const malformed: readonly (readonly [what: string, body: unknown])[] = [
    ['no JSON', '{'],
    ['no object', '"{ a }"'],
    ['an empty batch', []],
    ['no query', {}],
    ['a query that is no text', { query: 1 }],
    ['variables that are a list', { query: '{ a }', variables: [] }],
    ['a hash that is none', { extensions: { persistedQuery: { sha256Hash: 'abc' } } }],
  ];
  for (const [what, body] of malformed)
    it(`refuses ${what} with 400, for older clients too`, async () => {
      const { status, code, error } = await rig().post(body);
      assert.deepEqual([status, code], [400, 'GRAPHQL_MALFORMED']);
      assert.ok((error?.message.length ?? 0) > 10);
    });

  it('says what is wrong with a document, and where', async () => {
    const { status, error } = await rig().post({ query: '{ a' }, NEW);
    assert.equal(status, 400);
    assert.match(error?.message ?? '', /Line 1/);
    const unnamed = await rig().post({ query: 'query A { a } query B { b }' }, NEW);
    assert.equal(unnamed.status, 422);
  });

  it('takes only JSON, which no other site can send unasked', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', '']) {
      const headers = headersOf(['Content-Type', type]);
      const exchange = exchangeFrom({ method: 'POST', headers, body: '{"query":"{ a }"}' });
      assert.equal((await rig().answerTo(exchange)).status, 415, type);
    }
    const encoded = headersOf(['Content-Type', 'application/json'], ['Content-Encoding', 'gzip']);
    assert.equal(
      (await rig().answerTo(exchangeFrom({ method: 'POST', headers: encoded, body: 'x' }))).status,
      415,
    );
  });

  it('takes queries by GET, and nothing else', async () => {
    const { get, served } = rig();
    assert.equal((await get(`?query=${encodeURIComponent('{ a }')}`)).error, undefined);
    assert.equal(served[0]?.targetMethod, 'GET');
    const mutation = await get(`?query=${encodeURIComponent('mutation { a }')}`);
    assert.deepEqual([mutation.status, mutation.headers.get('allow')], [405, 'POST']);
    assert.equal((await get('?query=%7Ba%7D&query=%7Bb%7D')).status, 400);
    assert.equal((await get('?query=%7Ba%7D&variables=%7B')).status, 400);
  });

  it('refuses members in two places, of which a service might read the other', async () => {
    const { status } = await rig().post({ query: '{ a }' }, {}, '?query={b}');
    assert.equal(status, 400);
  });

  it('hands on what it has judged: the last of two keys, and exact numbers', async () => {
    const { post, served } = rig();
    await post(
      '{"query":"{ __schema { x } }","query":"{ a }","variables":{"big":12345678901234567890,"n":1.50}}',
    );
    assert.equal(served[0]?.body, '{"query":"{ a }","variables":{"big":12345678901234567890,"n":1.5}}');
  });

  it('counts a number that a double cannot hold', async () => {
    const query = 'query ($n: Int) { a(first: $n) { b } }';
    const { error } = await rig().post(`{"query":"${query}","variables":{"n":12345678901234567890}}`);
    assert.equal(error?.extensions['rule'], 'graphql.maxCost');
  });

  it('counts the cost of a batch together, and its length', async () => {
    const { post, served } = rig();
    const one = { query: '{ a(first: 60) { b } }' };
    assert.equal((await post([one])).error, undefined);
    assert.equal((await post([one, one])).error?.extensions['rule'], 'graphql.maxCost');
    assert.equal((await post([one, one, one])).error?.extensions['rule'], 'graphql.maxBatch');
    assert.equal(served.length, 1);
  });

  it('refuses bodies that are too large', async () => {
    const { status, code } = await rig().post({ query: '{ a }', more: 'x'.repeat(2000) });
    assert.deepEqual([status, code], [413, 'BODY_TOO_LARGE']);
  });

  it('only counts in report mode, and changes nothing', async () => {
    const { post, served, counted } = rig({ mode: 'report' });
    const body = '{"query":"{ a { b { c { d } } } }","query2":1}';
    assert.equal((await post(body)).error, undefined);
    assert.equal(served[0]?.body, body);
    assert.deepEqual(counted.take(), ['graphql reported depth']);
  });

  it('checks operations against a schema', async () => {
    const texts = { '/schema': JSON.stringify('type Query { user: User } type User { id: ID }') };
    const { post } = rig({ schema: '/schema' }, texts);
    assert.equal((await post({ query: '{ user { id } }' })).error, undefined);
    const { status, error } = await post({ query: '{ user { name } }' }, NEW);
    assert.equal(status, 422);
    assert.match(error?.message ?? '', /name/);
  });

  it('leaves preflights and WebSockets alone', async () => {
    const { answerTo, served } = rig();
    await answerTo(exchangeFrom({ method: 'OPTIONS' }));
    assert.equal(served.length, 1);
  });
});

describe('persisted operations', () => {
  const persisted = { path: '/ops', only: true };
  const text = 'query GetUser { user { id } }';
  const digest = hash('sha256', text);

  it('are named instead of sent, and the service gets their text', async () => {
    const { post, served, operations } = rig({ persisted });
    for (const documentId of ['GetUser', digest, `sha256:${digest}`])
      assert.equal((await post({ documentId, variables: { a: 1 } })).error, undefined);
    assert.equal(served[0]?.body, JSON.stringify({ variables: { a: 1 }, query: text }));
    assert.equal(operations[0], 'query GetUser 1 true');
  });

  it('are the only ones, whatever else is sent', async () => {
    const { post } = rig({ persisted });
    assert.equal((await post({ query: text })).error, undefined);
    for (const body of [{ query: '{ a }' }, { documentId: 'Other' }, { documentId: '__proto__' }])
      assert.equal((await post(body)).error?.extensions['code'], 'GRAPHQL_FORBIDDEN');
    const other = await post({ documentId: 'GetUser', query: '{ a }' });
    assert.equal(other.error?.extensions['code'], 'GRAPHQL_MALFORMED');
  });

  it('may be one way among others', async () => {
    const { post } = rig({ persisted: { ...persisted, only: false } });
    assert.equal((await post({ query: '{ a }' })).error, undefined);
    assert.equal((await post({ documentId: 'GetUser' })).error, undefined);
  });

  it('become a POST when they are asked for by GET', async () => {
    const { get, served } = rig({ persisted });
    await get('?documentId=GetUser&variables=%7B%22a%22%3A1%7D');
    const [exchange] = served;
    assert.deepEqual([exchange?.targetMethod, exchange?.targetQuery], ['POST', '']);
    assert.equal(exchange?.body, JSON.stringify({ variables: { a: 1 }, query: text }));
    assert.equal(exchange?.headers.get('content-type'), 'application/json');
  });
});

describe('automatic persisted operations', () => {
  const query = '{ a { b } }';
  const named = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
  const digest = hash('sha256', query);

  it('are asked for, registered, and asked for again', async () => {
    const { post, served } = rig({ automatic: true });
    const first = await post(named(digest));
    assert.deepEqual(
      [first.status, first.error?.message, first.error?.extensions['code']],
      [200, 'PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND'],
    );
    assert.equal((await post({ query, ...named(digest) })).error, undefined);
    assert.equal((await post(named(digest.toUpperCase()))).error, undefined);
    assert.deepEqual(JSON.parse(String(served[1]?.body)), { query, extensions: {} });
  });

  it('are known to other threads', async () => {
    const shared = new Map<string, string>();
    const register: Register = {
      add: (sha256, text) => void shared.set(sha256, text),
      find: (sha256) => Promise.resolve(shared.get(sha256) ?? null),
    };
    await rig({ automatic: true }, {}, register).post({ query, ...named(digest) });
    assert.deepEqual([...shared], [[digest, query]]);
    assert.equal((await rig({ automatic: true }, {}, register).post(named(digest))).error, undefined);
    assert.equal((await rig({}, {}, register).post(named(digest))).code, 'GRAPHQL_UNKNOWN');
  });

  it('are not registered under the hash of another', async () => {
    const { post } = rig({ automatic: true });
    const wrong = await post({ query: '{ evil }', ...named(digest) });
    assert.equal(wrong.code, 'GRAPHQL_MALFORMED');
    assert.equal((await post(named(digest))).code, 'GRAPHQL_UNKNOWN');
  });

  it('are not kept when nobody has switched them on', async () => {
    const { post } = rig();
    await post({ query, ...named(digest) });
    assert.equal((await post(named(digest))).code, 'GRAPHQL_UNKNOWN');
  });
});
