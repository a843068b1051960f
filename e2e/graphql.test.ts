// GraphQL through a running gateway, to a server that was not made by us.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runGateway, type RunningGateway } from './running-gateway.ts';

const SCHEMA = `
  type Query { user(id: ID!): User  users(first: Int): [User!]!  slow: String }
  type Mutation { rename(id: ID!, name: String!): User }
  type Subscription { ticks: Int }
  type User { id: ID!  name: String!  friends(first: Int): [User!]! }
`;
const GET_USER = 'query GetUser($id: ID!) { user(id: $id) { name } }';

interface Friend {
  readonly id: string;
  readonly name: string;
  readonly friends: (args: { first?: number }) => Friend[];
}

function person(id: string): Friend {
  const friends = ({ first = 2 }: { first?: number }): Friend[] =>
    Array.from({ length: first }, (_, i) => person(`${id}-${i}`));
  return { id, name: `User ${id}`, friends };
}

/** What we use of it. Its own types bring those of browsers along, which are not those of Node.js. */
interface Yoga {
  createSchema(options: object): object;
  createYoga(options: object): (request: IncomingMessage, response: ServerResponse) => unknown;
}

const PEER: string = 'graphql-yoga';
const { createSchema, createYoga } = (await import(PEER)) as Yoga;

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: SCHEMA,
    resolvers: {
      Query: {
        user: (_: unknown, { id }: { id: string }) => person(id),
        users: (_: unknown, { first = 2 }: { first?: number }) =>
          Array.from({ length: first }, (_each, i) => person(String(i))),
      },
      User: { friends: (user: Friend, args: { first?: number }) => user.friends(args) },
      Mutation: { rename: (_: unknown, { id }: { id: string }) => person(id) },
      Subscription: {
        ticks: {
          async *subscribe() {
            for (let tick = 1; tick <= 3; tick++) yield { ticks: tick };
          },
        },
      },
    },
  }),
});

interface Answer {
  readonly data?: Record<string, unknown>;
  readonly errors?: { message: string; extensions?: Record<string, unknown> }[];
}

describe('GraphQL', () => {
  const server = createServer((request, response) => void yoga(request, response));
  let folder = '';
  let gateway: RunningGateway;

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    folder = await mkdtemp(join(tmpdir(), 'turnpike-graphql-'));
    await writeFile(join(folder, 'schema.graphql'), SCHEMA);
    await mkdir(join(folder, 'operations'));
    await writeFile(join(folder, 'operations/GetUser.graphql'), GET_USER);
    gateway = await runGateway(`
listeners: { web: { address: 127.0.0.1:0 } }
admin: { address: 127.0.0.1:0 }
services: { people: { endpoints: [http://127.0.0.1:${port}] } }
routes:
  open:
    match: { path: /graphql }
    service: people
    policies:
      graphql: { maxDepth: 4, maxCost: 60, schema: ${join(folder, 'schema.graphql')}, automaticPersistedOperations: true }
      rateLimit: [{ limit: 100, per: 1h, by: header:x-who, whenKeyMissing: skip, cost: request.graphql.cost }]
  closed:
    match: { path: /closed }
    service: people
    rewrite: { path: /graphql }
    policies: { graphql: { persistedOperations: ${join(folder, 'operations')} } }
`);
  });

  after(async () => {
    server.close();
    server.closeAllConnections();
    await gateway[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, answer: (await response.json()) as Answer };
  }

  it('passes queries and mutations, by POST and by GET', async () => {
    const { answer } = await post('/graphql', { query: GET_USER, variables: { id: '7' } });
    assert.deepEqual(answer.data, { user: { name: 'User 7' } });
    const mutation = await post('/graphql', { query: 'mutation { rename(id: 1, name: "x") { id } }' });
    assert.deepEqual(mutation.answer.data, { rename: { id: '1' } });
    const query = new URLSearchParams({ query: GET_USER, variables: '{"id":"8"}' });
    const got = await fetch(`http://127.0.0.1:${gateway.port}/graphql?${query.toString()}`);
    assert.deepEqual(await got.json(), { data: { user: { name: 'User 8' } } });
  });

  it('refuses what is too deep, costs too much or is not in the schema, before the service sees it', async () => {
    const deep = '{ users { friends { friends { friends { friends { id } } } } } }';
    for (const [query, code] of [
      [deep, 'GRAPHQL_LIMITED'],
      ['{ users(first: 61) { id } }', 'GRAPHQL_LIMITED'],
      ['{ users { nonsense } }', 'GRAPHQL_INVALID'],
      ['{ __schema { types { name } } }', 'GRAPHQL_FORBIDDEN'],
    ] as const) {
      const { status, answer } = await post('/graphql', { query });
      assert.equal(status, 200);
      assert.equal(answer.errors?.[0]?.extensions?.['code'], code);
    }
  });

  it('charges a limit what an operation costs', async () => {
    const spend = (first: number) =>
      post('/graphql', { query: `{ users(first: ${first}) { id } }` }, { 'X-Who': 'me' });
    assert.ok((await spend(60)).answer.data);
    const { status, answer, headers } = await spend(50);
    assert.equal(status, 429);
    assert.equal(answer.errors?.[0]?.extensions?.['code'], 'RATE_LIMITED', 'in the shape of GraphQL');
    assert.ok(headers.get('retry-after'));
    assert.ok((await spend(20)).answer.data);
  });

  it('takes operations by name only where it is told to', async () => {
    const known = await post('/closed', { documentId: 'GetUser', variables: { id: '3' } });
    assert.deepEqual(known.answer.data, { user: { name: 'User 3' } });
    const got = await fetch(
      `http://127.0.0.1:${gateway.port}/closed?documentId=GetUser&variables=%7B%22id%22%3A%224%22%7D`,
    );
    assert.deepEqual(await got.json(), { data: { user: { name: 'User 4' } } });
    const other = await post('/closed', { query: '{ users { id } }' });
    assert.equal(other.answer.errors?.[0]?.extensions?.['code'], 'GRAPHQL_FORBIDDEN');
  });

  it('takes operations that clients have registered', async () => {
    const query = '{ user(id: 9) { name } }';
    const extensions = { persistedQuery: { version: 1, sha256Hash: hash('sha256', query) } };
    assert.equal(
      (await post('/graphql', { extensions })).answer.errors?.[0]?.message,
      'PersistedQueryNotFound',
    );
    assert.ok((await post('/graphql', { query, extensions })).answer.data);
    // Whatever thread they come to.
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/graphql', { extensions })));
    for (const { answer } of answers) assert.deepEqual(answer.data, { user: { name: 'User 9' } });
  });

  it('passes subscriptions over server-sent events', async () => {
    const response = await fetch(`http://127.0.0.1:${gateway.port}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { ticks }' }),
    });
    const text = await response.text();
    for (const tick of [1, 2, 3]) assert.ok(text.includes(`{"data":{"ticks":${tick}}}`), text);
  });

  it('takes another operation as soon as its file is there', async () => {
    const applied = gateway.logged('configuration applied');
    await writeFile(
      join(folder, 'operations/ListUsers.graphql'),
      'query ListUsers { users(first: 1) { id } }',
    );
    await applied;
    const { answer } = await post('/closed', { documentId: 'ListUsers' });
    assert.deepEqual(answer.data, { users: [{ id: '0' }] });
  });

  it('counts operations by name', async () => {
    const { body } = await gateway.admin('/metrics');
    const lines = body
      .split('\n')
      .filter((line) => /_graphql_operations_total\{|policy="graphql"/.test(line));
    const counted = lines.map((line) => line.replace(/ \d+$/, '')).sort();
    for (const expected of [
      'turnpike_graphql_operations_total{route="closed",operation="GetUser",type="query"}',
      'turnpike_graphql_operations_total{route="open",operation="",type="subscription"}',
      'turnpike_policy_decisions_total{route="open",policy="graphql",reason="depth",decision="denied"}',
    ])
      assert.ok(counted.includes(expected), `${expected} is not among\n${counted.join('\n')}`);
  });
});
