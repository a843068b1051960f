// Every input of every operation: what fits the schemas, what nearly fits, and what does not fit at all. Nothing may be a fault of
// ours, and nothing may tell a secret.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import type { Kit } from '../../src/api/kit.ts';
import { type Operation } from '../../src/api/operation.ts';
import { operations } from '../../src/api/operations.ts';
import { PROBLEMS } from '../../src/api/problems.ts';
import { isRequired, membersOf, plain, type TSchema } from '../../src/api/schema.ts';
import { type Answered } from './api-for-tests.ts';
import { calm, openWorld, SECRETS, type World } from './scenarios.ts';

const RUNS = Number(process.env['TURNPIKE_FUZZ_RUNS'] ?? 12);
const all = operations({ ports: {} } as Kit);

let world: World;
/** How many answers there were of each class of status. */
const counts = new Map<number, number>();
before(async () => void (world = await openWorld()));
after(() => world[Symbol.asyncDispose]());

const NASTY = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  '..',
  '.',
  'a/b',
  'a%2Fb',
  '%2e%2e',
  'pinned',
  'mine-services',
  'mine-consumers',
  'default',
  'team',
  '\u0000',
  '\ud800',
  'ñ名前🦊',
  ' ',
  '',
  "'; drop table objects; --",
  '${env:PATH}',
  'x'.repeat(5_000),
  '***',
  'sealed:AAAA',
  '-1',
  '1e9',
  '99999999999999999999',
);

const name = fc.oneof(
  NASTY,
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc.stringMatching(/^[\w.-]{1,20}$/),
);
const anything = fc.oneof(NASTY, fc.jsonValue({ maxDepth: 4 }), fc.double(), fc.constant(null));

type Json = Readonly<Record<string, unknown>>;

/** Values by a schema, of which one in four does not fit. */
function valueOf(schema: Json): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 3, arbitrary: fitting(schema) }, { weight: 1, arbitrary: anything });
}

function fitting(schema: Json): fc.Arbitrary<unknown> {
  const { type, properties, items, additionalProperties } = schema;
  if (Array.isArray(schema['anyOf'])) return fc.oneof(...(schema['anyOf'] as Json[]).map(valueOf));
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  if (typeof schema['pattern'] === 'string')
    return fc.oneof(NASTY, fc.stringMatching(new RegExp(schema['pattern'].replace('(?!__proto__$)', ''))));
  if (type === 'string') return fc.oneof(NASTY, fc.string({ unit: 'binary', maxLength: 50 }));
  if (type === 'integer' || type === 'number') return fc.oneof(fc.integer(), fc.nat(1_000), fc.double());
  if (type === 'boolean') return fc.boolean();
  if (type === 'array') return fc.array(valueOf((items ?? {}) as Json), { maxLength: 3 });
  if (type === 'object' && properties !== undefined) {
    const members = Object.entries(properties as Record<string, Json>).map(([key, one]) => [
      key,
      valueOf(one),
    ]);
    const known = fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: [],
    });
    const extra = fc.oneof(
      { weight: 4, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.dictionary(name, anything, { maxKeys: 2 }) },
    );
    return fc.tuple(known, extra).map(([a, b]) => ({ ...a, ...b }));
  }
  if (type === 'object' && typeof additionalProperties === 'object' && additionalProperties !== null)
    return fc.dictionary(name, valueOf(additionalProperties as Json), { maxKeys: 3 });
  if (type === 'object') return fc.oneof(document, fc.dictionary(name, anything, { maxKeys: 4 }));
  return anything;
}

/** Sections of a configuration, with more or less of what belongs there. */
const document = fc.dictionary(
  fc.constantFrom(
    'services',
    'routes',
    'consumers',
    'lists',
    'apis',
    'identityProviders',
    'listeners',
    'put',
    'match',
    'service',
  ),
  fc.oneof(
    anything,
    fc.dictionary(name, fc.oneof(anything, fc.constant({ endpoints: ['http://10.0.0.7:80'] })), {
      maxKeys: 2,
    }),
  ),
  { maxKeys: 3 },
);

/** Requests of one operation. */
function requestOf({ path, parameters, query, body, bodyTypes = [] }: Operation) {
  const parts = Object.fromEntries(
    Object.entries(parameters === undefined ? {} : membersOf(parameters)).map(([key, one]) => [
      key,
      valueOf(plain(one)),
    ]),
  );
  const asked = Object.fromEntries(
    Object.entries(query === undefined ? {} : membersOf(query)).map(([key, one]) => [
      key,
      valueOf(plain(one)),
    ]),
  );
  const required = Object.keys(asked).filter((key) => query !== undefined && isRequired(query, key));
  return fc.record({
    path: fc
      .record(parts)
      .map((given) =>
        path.replaceAll(/\{(\w+)\}/g, (_all, key: string) => encoded(textOf(given[key])) || '%20'),
      ),
    query: fc.record(asked, { requiredKeys: required }),
    body: body === undefined ? fc.constant(undefined) : bodyOf(body),
    type: fc.constantFrom(
      'application/json',
      'application/json',
      'application/json; charset=utf-8',
      ...bodyTypes,
      'text/plain',
      '',
    ),
    headers: fc.record(
      { 'if-match': headerText, 'if-none-match': headerText, 'x-csrf-token': headerText, accept: headerText },
      { requiredKeys: [] },
    ),
  });
}

const headerText = fc.oneof(
  fc.constantFrom('*', '"1"', 'W/"1"', '"1", "2"', '""', ','),
  fc.stringMatching(/^[\x21-\x7e]{0,30}$/),
);

function bodyOf(schema: TSchema): fc.Arbitrary<string> {
  const json = valueOf(plain(schema)).map((value) => JSON.stringify(value) ?? '');
  const broken = json.map((text) => text.slice(0, Math.max(1, text.length - 3)));
  const odd = fc.constantFrom(
    '',
    '[',
    '{"a":1,"a":2}',
    '{"__proto__":{"isAdmin":true}}',
    '{"put":{"routes":{"__proto__":{}}}}',
    '[[['.repeat(50_000),
    '{"a":'.repeat(100) + '1' + '}'.repeat(100),
    `{"label":"${'x'.repeat(100_000)}"}`,
    '\ufeff{}',
    'nul',
    '&a [*a]',
    'a: &b [1, *b]',
    '{"name":"\\u0000"}',
  );
  return fc.oneof(
    { weight: 6, arbitrary: json },
    { weight: 1, arbitrary: broken },
    { weight: 1, arbitrary: odd },
  );
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Nothing of ours failed, what failed says why, and nothing secret is told. */
function isSound({ id }: Operation, { status, text, json, headers }: Answered, sent: unknown): void {
  const told = `${id} ${status} ${text.slice(0, 500)} for ${JSON.stringify(sent).slice(0, 2_000)}`;
  assert.ok(status < 500 || (status === 502 && id.startsWith('login')), told);
  if (status >= 400) {
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/, told);
    const { code } = json as { code: keyof typeof PROBLEMS };
    assert.equal(PROBLEMS[code]?.[0], status, told);
  }
  for (const secret of SECRETS) assert.ok(!text.includes(secret), told);
  assert.ok(!/node_modules|\.ts:\d|sqlite/i.test(text) || status < 400, told);
}

describe('every input of every operation', () => {
  for (const operation of all) {
    it(operation.id, async () => {
      await fc.assert(
        fc.asyncProperty(requestOf(operation), async ({ path, query, body, type, headers }) => {
          const pairs = Object.entries(query).map(
            ([key, value]) => `${encoded(key)}=${encoded(textOf(value))}`,
          );
          const sent = { path: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`, body };
          const answered = await world.ask(operation.method, sent.path, {
            ...(body !== undefined && { body }),
            headers: { ...headers, ...(type !== '' && { 'content-type': type }) },
          });
          await calm(world);
          const kind = Math.floor(answered.status / 100);
          counts.set(kind, (counts.get(kind) ?? 0) + 1);
          isSound(operation, answered, sent);
        }),
        { numRuns: RUNS },
      );
      assert.deepEqual(
        world.complaints.filter(({ level }) => level === 'error'),
        [],
      );
    });
  }

  it('was sometimes what an operation takes, and sometimes not', () => {
    assert.ok((counts.get(2) ?? 0) > all.length, JSON.stringify([...counts]));
    assert.ok((counts.get(4) ?? 0) > all.length, JSON.stringify([...counts]));
  });

  it('never made anything strange', async () => {
    for (const kind of ['services', 'routes', 'lists'] as const) {
      const { items } = await world.store.objects.list(
        { kind, workspaces: null, search: '' },
        { limit: 1_000, after: null },
      );
      for (const one of items) assert.match(one.name, /^(?!__proto__$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
    }
    assert.equal(({} as Record<string, unknown>)['isAdmin'], undefined);
  });
});

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

describe('paths that no client of ours sends', () => {
  const PATHS = [
    '/v1/services/a%2Fb',
    '/v1/services/%2e%2e%2fsecrets',
    '/v1/services/..%5c..',
    '/v1/services/%00',
    '/v1/services/%',
    '/v1/services/%zz',
    '/v1//services',
    '/v1/services/',
    '/v1/services/a/b/c/d',
    '//evil.example/v1/services',
    '/v1/services/__proto__',
    '/docs/../v1/services',
    '/docs/static/../../package.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    `/v1/services/${'a'.repeat(8_000)}`,
    '/v1/services?limit=1&limit=2',
    '/v1/services?__proto__=1',
    '/v1/services?limit=%',
  ];
  for (const path of PATHS) {
    it(path.slice(0, 60), async () => {
      const status = await statusOf(path);
      assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
    });
  }
});

/** Sends a request line as it is: no client would. */
function statusOf(path: string): Promise<number> {
  const { hostname, port } = new URL(world.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
      if (status === undefined) return;
      socket.destroy();
      resolve(Number(status));
    });
    socket.on('error', reject);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Test-Caller: admin\r\nConnection: close\r\n\r\n`,
    );
  });
}
