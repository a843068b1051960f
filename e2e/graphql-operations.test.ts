// REST from GraphQL operations through a running gateway, to a server that was not made by us.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runGateway, type RunningGateway } from './running-gateway.ts';

/** What we use of it. Its own types bring those of browsers along, which are not those of Node.js. */
interface Yoga {
  createSchema(options: object): object;
  createYoga(options: object): (request: IncomingMessage, response: ServerResponse) => unknown;
  createGraphQLError(message: string, options: object): Error;
}

const PEER: string = 'graphql-yoga';
const { createSchema, createYoga, createGraphQLError } = (await import(PEER)) as Yoga;

const SCHEMA = `
  enum Kind { BOOK FILM }
  input Filter { text: String  kind: Kind  years: [Int!] }
  scalar Long
  type Item { id: ID!  name: String!  price: Float  secret: String  seen: Long }
  type Query {
    item(id: ID!): Item
    items(first: Int!, kind: Kind, ids: [ID!], used: Boolean, max: Float, filter: Filter): String!
  }
  type Mutation { rename(id: ID!, name: String!): Item! }
`;

function failure(code: string): Error {
  return createGraphQLError(`It is ${code}`, { extensions: { code } });
}

function item(id: string): object | null {
  if (id === '404') return null;
  if (/^[A-Z_]+$/.test(id)) throw failure(id);
  return {
    id,
    name: `Item ${id}`,
    price: 1.5,
    secret: () => {
      throw failure('FORBIDDEN');
    },
    seen: id,
  };
}

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: SCHEMA,
    resolvers: {
      Query: {
        item: (_: unknown, { id }: { id: string }) => {
          if (id === 'crash') throw new Error('with a password in it');
          return item(id);
        },
        items: (_: unknown, given: object) => JSON.stringify(given),
      },
      Mutation: { rename: (_: unknown, { id, name }: { id: string; name: string }) => ({ id, name }) },
    },
  }),
});

const OPERATIONS = {
  'GetItem.graphql':
    'query GetItem($id: ID!) { item(id: $id) { ...F } } fragment F on Item { id name price }',
  'GetSecret.graphql': 'query GetSecret($id: ID!) { item(id: $id) { name secret } }',
  'ListItems.graphql':
    'query ListItems($first: Int! = 10, $kind: Kind, $ids: [ID!], $used: Boolean, $max: Float, $filter: Filter) { items(first: $first, kind: $kind, ids: $ids, used: $used, max: $max, filter: $filter) }',
};
const MANIFEST = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [
    {
      id: 'rename-1',
      body: 'mutation Rename($id: ID!, $name: String!) { rename(id: $id, name: $name) { id name } }',
    },
    { id: 'broken-1', body: 'query Broken($id: ID!) { item(id: $id) { nothing } }' },
  ],
};

describe('REST from GraphQL operations', () => {
  const seen: string[] = [];
  let told: { readonly status: number; readonly type: string; readonly body: string } | null = null;
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.accept}`);
    if (told === null) void yoga(request, response);
    else response.writeHead(told.status, { 'Content-Type': told.type }).end(told.body);
  });
  let folder = '';
  let gateway: RunningGateway;

  function route(match: string, graphql: string): string {
    return `{ match: ${match}, service: shop, rewrite: { path: /graphql }, translate: { graphql: ${graphql} } }`;
  }

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    folder = await mkdtemp(join(tmpdir(), 'turnpike-graphql-rest-'));
    await mkdir(join(folder, 'operations'));
    for (const [name, text] of Object.entries(OPERATIONS))
      await writeFile(join(folder, 'operations', name), text);
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(MANIFEST));
    const [operations, manifest] = [join(folder, 'operations'), join(folder, 'manifest.json')];
    gateway = await runGateway(`
listeners: { web: { address: 127.0.0.1:0 } }
admin: { address: 127.0.0.1:0 }
services: { shop: { endpoints: [http://127.0.0.1:${port}] } }
routes:
  item: ${route('{ path: "/items/{id}", methods: [GET] }', `{ operation: ${operations}/GetItem.graphql, field: item }`)}
  secret: ${route('{ path: "/secrets/{id}" }', `{ operation: ${operations}, id: GetSecret, field: item }`)}
  items: ${route('{ path: /items }', `{ operation: ${operations}/ListItems.graphql, messageSize: 2KiB }`)}
  rename: ${route('{ path: "/items/{id}", methods: [PUT] }', `{ operation: ${manifest}, id: rename-1 }`)}
  broken: ${route('{ path: "/broken/{id}" }', `{ operation: ${manifest}, id: broken-1 }`)}
`);
  });

  after(async () => {
    server.close();
    server.closeAllConnections();
    await gateway[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function call(path: string, init: { method?: string; body?: unknown; type?: string } = {}) {
    const { method = 'GET', body, type = 'application/json' } = init;
    const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'Content-Type': type },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  }

  /** What the service was asked with, as it says itself. */
  async function items(query: string, body?: unknown): Promise<unknown> {
    const answer = await call(`/items${query}`, body === undefined ? {} : { method: 'POST', body });
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.json().items);
  }

  it('answers with the field that is asked for, and as JSON', async () => {
    const { status, headers, json } = await call('/items/7%2A');
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'application/json');
    assert.deepEqual(json(), { id: '7*', name: 'Item 7*', price: 1.5 });
    assert.match(seen.at(-1) ?? '', /^POST \/graphql application\/graphql-response\+json/);
  });

  it('finds operations in directories and by the ids of manifests', async () => {
    const { json } = await call('/items/7', { method: 'PUT', body: { name: 'new', id: 'other' } });
    assert.deepEqual(json(), { rename: { id: '7', name: 'new' } }, 'the path wins');
  });

  it('reads the query as the types of the variables want it', async () => {
    assert.deepEqual(await items('?first=3&kind=BOOK&ids=1&ids=2&used=true&max=2.5'), {
      first: 3,
      kind: 'BOOK',
      ids: ['1', '2'],
      used: true,
      max: 2.5,
    });
    assert.deepEqual(await items('?ids=1'), { first: 10, ids: ['1'] }, 'a list of one, and a default');
    const filter = { text: 'x', kind: 'FILM', years: [1, 2] };
    assert.deepEqual(await items('?max=1e3', { filter, first: 1 }), { first: 1, max: 1000, filter });
  });

  it('refuses what is no variable or not of its type, before the service sees it', async () => {
    const count = seen.length;
    for (const [query, detail] of [
      ['?frist=3', '"frist" is not known here; known are first, kind, ids, used, max, filter.'],
      ['?first=three', '"first" is no Int.'],
      ['?first=2147483648', '"first" is no Int.'],
      ['?first=1.0', '"first" is no Int.'],
      ['?first=1&first=2', '"first" is no Int.'],
      ['?used=yes', '"used" is no Boolean.'],
      ['?max=1e999', '"max" is no Float.'],
      ['?max=', '"max" is no Float.'],
    ]) {
      const { status, json } = await call(`/items${query}`);
      assert.deepEqual([status, json().detail, json().rule], [400, detail, 'translate.graphql']);
    }
    for (const body of ['{', '[]', '{"other":1}', `{"filter":${'['.repeat(500)}${']'.repeat(500)}}`])
      assert.equal((await call('/items', { method: 'POST', body })).status, 400, body);
    assert.match((await call('/items/7', { method: 'PUT', body: {} })).json().detail, /"name" is missing/);
    assert.equal((await call('/items', { method: 'POST', body: 'first=1', type: 'text/plain' })).status, 415);
    const large = await call('/items', { method: 'POST', body: { kind: 'x'.repeat(3000) } });
    assert.deepEqual([large.status, large.json().rule], [413, 'translate.graphql.messageSize']);
    assert.equal(seen.length, count);
  });

  it('answers 404 when there is no such thing', async () => {
    const { status, headers, json } = await call('/items/404');
    assert.equal(status, 404);
    assert.equal(headers.get('content-type'), 'application/problem+json');
    assert.equal(json().title, 'There is no such thing');
  });

  it('makes problems of errors, by their codes', async () => {
    for (const [code, status] of [
      ['BAD_USER_INPUT', 400],
      ['UNAUTHENTICATED', 401],
      ['FORBIDDEN', 403],
      ['NOT_FOUND', 404],
      ['CONFLICT', 409],
      ['RATE_LIMITED', 429],
      ['SOMETHING_ELSE', 500],
    ] as const) {
      const { status: told, json } = await call(`/items/${code}`);
      assert.equal(told, status, code);
      assert.deepEqual(json().errors, [{ detail: `It is ${code}`, path: ['item'], code }]);
    }
    const { status, text } = await call('/items/crash');
    assert.equal(status, 500);
    assert.doesNotMatch(text, /password/);
  });

  it('makes a problem of data that is only there in part', async () => {
    const { status, json } = await call('/secrets/7');
    assert.equal(status, 403);
    assert.deepEqual(json().errors[0].path, ['item', 'secret']);
    assert.equal(json().name, undefined);
  });

  it('lets the service judge what only it knows', async () => {
    const wrong = await call('/items?kind=SONG');
    assert.equal(wrong.status, 400, wrong.text);
    const broken = await call('/broken/1');
    assert.equal(broken.status, 502, 'the operation is not the fault of the client');
  });

  it('answers 502 for what is no answer of GraphQL, and keeps numbers as they are', async () => {
    const answers = async (body: string, type = 'application/json', status = 200) => {
      told = { body, type, status };
      const answer = await call('/items/1');
      told = null;
      return answer;
    };
    for (const body of ['', '{', '[]', '{}', '{"data":null}', '{"data":[]}', '{"errors":[]}'])
      assert.equal((await answers(body)).json().code, 'UPSTREAM_INVALID', body);
    assert.equal((await answers('<p>', 'text/html')).status, 502);
    assert.deepEqual(
      await answers('{"m":1}', 'application/json', 503).then(({ status, text }) => [status, text]),
      [503, '{"m":1}'],
      'a server in between',
    );
    assert.equal(
      (await answers('{"data":{"item":{"n":12345678901234567890,"f":1.00000000000000000001}}}')).text,
      '{"n":12345678901234567890,"f":1.00000000000000000001}',
    );
    told = { status: 200, type: 'application/json', body: `{"data":{"items":"${'x'.repeat(3000)}"}}` };
    assert.equal((await call('/items')).json().code, 'RESPONSE_TOO_LARGE');
    told = null;
  });

  it('counts operations by name', async () => {
    const { body } = await gateway.admin('/metrics');
    assert.match(body, /turnpike_graphql_operations_total\{route="item",operation="GetItem",type="query"\} /);
    assert.match(
      body,
      /turnpike_graphql_operations_total\{route="rename",operation="Rename",type="mutation"\} /,
    );
  });

  it('takes a changed operation as soon as it is there', async () => {
    const applied = gateway.logged('configuration applied');
    await writeFile(
      join(folder, 'operations/GetItem.graphql'),
      'query GetItem($id: ID!) { item(id: $id) { name } }',
    );
    await applied;
    assert.deepEqual((await call('/items/7')).json(), { name: 'Item 7' });
  });
});
