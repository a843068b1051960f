import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyOfReads, CollectedBody } from '../../core/body-testing.ts';
import type { Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { VALIDATE_REASONS } from './complaint.ts';
import {
  documentOf,
  problemOf,
  replyOf,
  requestOf,
  validateBench,
  type ValidateBench,
} from './validate-testing.ts';
import { validate } from './validate.ts';

const USER = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', maxLength: 5 } },
  additionalProperties: false,
};

const DOCUMENT = documentOf({
  get: { parameters: [{ name: 'page', in: 'query', schema: { type: 'integer' } }] },
  put: {
    requestBody: { required: true, content: { 'application/json': { schema: USER }, 'text/plain': {} } },
  },
  delete: {},
});

const stream = (...reads: readonly string[]) =>
  new BodyOfReads(...reads.map((read) => [Buffer.from(read, 'latin1')]));
const put = (body: string | BodyOfReads) => requestOf({ method: 'PUT', body });

/** Status and code of a refusal, and what was counted. */
function outcome(reply: Reply, bench: ValidateBench): string {
  return [reply.status, reply.code, ...bench.counted()].join(' ');
}

const nobody = () => assert.fail('nothing is asked');

it('is not there without a policy', () => {
  const ports = {
    decisions: nobody,
    compileContract: nobody,
    log: { debug: nobody, info: nobody, warn: nobody, error: nobody },
  };
  assert.equal(validate(null, { route: 'r', names: [] }, ports), null);
});

describe('a request that is as described', () => {
  it('passes with its body unchanged', async () => {
    const bench = validateBench(DOCUMENT);
    const body = '{"name":"J\xc3\xb6rg"}';
    assert.equal(outcome(await bench.run(put(body)), bench), '200  validate allowed');
    assert.equal(
      outcome(await bench.run(put(stream('{"name":', '"J\xc3', '\xb6rg"}'))), bench),
      '200  validate allowed',
    );
    assert.deepEqual(
      bench.served.map((exchange) => exchange.body),
      [body, body],
    );
  });

  it('passes without being waited for where nothing of its body is looked at', async () => {
    const bench = validateBench(DOCUMENT);
    const body = stream('a');
    await bench.run(requestOf({ method: 'PUT', body, headers: headersOf(['Content-Type', 'text/plain']) }));
    await bench.run(requestOf({ method: 'DELETE', body }));
    assert.deepEqual(
      bench.served.map((exchange) => exchange.body),
      [body, body],
    );
    assert.equal(body.left, 1);
  });
});

it('a body in pieces that has none is no body', async () => {
  const content = { 'application/json': { schema: USER } };
  for (const [required, status] of [
    [false, 200],
    [true, 400],
  ] as const) {
    const bench = validateBench(documentOf({ put: { requestBody: { required, content } } }));
    assert.equal((await bench.run(put(new BodyOfReads([])))).status, status);
  }
});

describe('a request that is not as described', () => {
  it('is told everything that is wrong, and none of its values', async () => {
    const bench = validateBench(DOCUMENT);
    const reply = await bench.run(
      requestOf({ path: '/things/x', method: 'PUT', body: '{"name":"secret","more":"secret"}' }),
    );
    assert.equal(outcome(reply, bench), '400 INVALID_REQUEST validate denied parameters');
    const { errors, rule } = problemOf(reply);
    assert.equal(rule, 'validate');
    assert.deepEqual(errors, [
      { detail: 'must be integer', in: 'path', parameter: 'id', keyword: 'type' },
      { detail: 'must not be there', in: 'body', pointer: '#/more', keyword: 'additionalProperties' },
      { detail: 'must not have more than 5 characters', in: 'body', pointer: '#/name', keyword: 'maxLength' },
    ]);
    assert.ok(!String(reply.body).includes('secret'));
    assert.deepEqual(bench.served, []);
  });

  it('is refused before its body is read, if its head is wrong', async () => {
    const bench = validateBench(DOCUMENT);
    const body = stream('{"name":1}');
    const reply = await bench.run(requestOf({ path: '/things/x', method: 'PUT', body }));
    assert.equal(outcome(reply, bench), '400 INVALID_REQUEST validate denied parameters');
    assert.equal(body.left, 1);
  });

  it('is told of a hundred mistakes no more than fifty', async () => {
    const bench = validateBench(DOCUMENT);
    const members = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 1]));
    const { errors } = problemOf(await bench.run(put(JSON.stringify(members).slice(0, 1024))));
    assert.equal((errors as readonly unknown[]).length, 50);
  });

  it('is refused by its body, when that has come', async () => {
    const bench = validateBench(DOCUMENT);
    assert.equal(
      outcome(await bench.run(put(stream('{"na', 'me":1}'))), bench),
      '400 INVALID_REQUEST validate denied body',
    );
    assert.equal(
      outcome(await bench.run(requestOf({ method: 'PUT' })), bench),
      '400 INVALID_REQUEST validate denied body',
    );
  });

  it('gets 404 for a path, and 405 for a method, that the document does not have', async () => {
    const bench = validateBench(DOCUMENT);
    assert.equal(
      outcome(await bench.run(requestOf({ path: '/nothing' })), bench),
      '404 NO_ROUTE validate denied path',
    );
    const reply = await bench.run(requestOf({ method: 'POST' }));
    assert.equal(outcome(reply, bench), '405 METHOD_NOT_ALLOWED validate denied method');
    assert.equal(reply.headers.get('allow'), 'GET, PUT, DELETE, HEAD');
  });

  it('gets 415 for a type that is not described, with those that are', async () => {
    const bench = validateBench(DOCUMENT);
    const reply = await bench.run(
      requestOf({ method: 'PUT', body: '<a/>', headers: headersOf(['Content-Type', 'text/xml']) }),
    );
    assert.equal(outcome(reply, bench), '415 UNSUPPORTED_MEDIA_TYPE validate denied media-type');
    assert.equal(reply.headers.get('accept'), 'application/json, text/plain');
    const two = headersOf(['Content-Type', 'application/json'], ['Content-Type', 'text/plain']);
    assert.equal((await bench.run(requestOf({ method: 'PUT', body: '{}', headers: two }))).status, 415);
  });

  it('gets 415 for a body that would have to be decoded, with what is taken instead', async () => {
    const bench = validateBench(DOCUMENT);
    const headers = headersOf(['Content-Type', 'application/json'], ['Content-Encoding', 'gzip']);
    const reply = await bench.run(requestOf({ method: 'PUT', body: 'x', headers }));
    assert.equal(outcome(reply, bench), '415 UNSUPPORTED_MEDIA_TYPE validate denied content-coding');
    assert.equal(reply.headers.get('accept-encoding'), 'identity');
    headers.set('Content-Encoding', 'Identity');
    assert.equal((await bench.run(requestOf({ method: 'PUT', body: '{"name":""}', headers }))).status, 200);
  });

  it('gets 413 for a body that is too large to be collected, of which no more is read', async () => {
    const bench = validateBench(DOCUMENT, { bodyBytes: 10 });
    const body = stream('{"name":', '"abc"}', ' ', ' ');
    const reply = await bench.run(put(body));
    assert.equal(outcome(reply, bench), '413 BODY_TOO_LARGE validate denied body-bytes');
    assert.equal(problemOf(reply)['rule'], 'validate.bodyBytes');
    assert.deepEqual([body.isCancelled, body.left], [true, 2]);
    assert.equal((await bench.run(put('{"name":"abc"}'))).status, 413);
  });

  it('may have parameters that nobody described, unless that is refused', async () => {
    const query = '?page=1&more=2';
    const loose = validateBench(DOCUMENT);
    assert.equal((await loose.run(requestOf({ query }))).status, 200);
    const strict = validateBench(DOCUMENT, { unknownParameters: 'refuse' });
    assert.deepEqual(problemOf(await strict.run(requestOf({ query })))['errors'], [
      { detail: 'is not described', in: 'query', parameter: 'more', keyword: 'unknown' },
    ]);
    assert.equal((await strict.run(requestOf({ method: 'DELETE', body: 'x' }))).status, 400);
  });

  it('is not held to account for a credential that was taken out of it', async () => {
    const bench = validateBench(DOCUMENT, { unknownParameters: 'refuse' });
    const exchange = requestOf({ query: '?page=1&key=k' });
    exchange.targetQuery = '?page=1';
    assert.equal((await bench.run(exchange)).status, 200);
  });
});

describe('a policy that only reports', () => {
  it('lets everything pass as it is, and counts what it would have done', async () => {
    const bench = validateBench(DOCUMENT, { mode: 'report' });
    const requests = [
      requestOf({ path: '/nothing' }),
      requestOf({ method: 'POST' }),
      requestOf({ path: '/things/x' }),
      requestOf({ method: 'PUT', body: 'x', headers: headersOf(['Content-Type', 'text/xml']) }),
      put('{}'),
      put('x'.repeat(2000)),
      put('{"name":"a"}'),
    ];
    for (const request of requests) assert.equal((await bench.run(request)).status, 200);
    assert.deepEqual(bench.counted(), [
      'validate reported path',
      'validate reported method',
      'validate reported parameters',
      'validate reported media-type',
      'validate reported body',
      'validate reported body-bytes',
      'validate allowed',
    ]);
    assert.equal(bench.served.length, requests.length);
  });

  it('waits for no body: it looks when that has gone through', async () => {
    const bench = validateBench(DOCUMENT, { mode: 'report', bodyBytes: 10 });
    for (const [body, expected] of [
      [stream('{"na', 'me":1}'), 'validate reported body'],
      [stream('{"name"', ':""}'), 'validate reported body-bytes'],
    ] as const) {
      await bench.run(put(body));
      assert.equal(body.left, 2);
      assert.deepEqual(bench.counted(), []);
      const sink = new CollectedBody();
      const passed = bench.served.at(-1)?.body;
      if (typeof passed === 'object') passed?.readTo(sink);
      assert.equal(await sink.ended, 'end');
      assert.deepEqual(bench.counted(), [expected]);
    }
  });
});

describe('schemas of a route', () => {
  const source = {
    kind: 'inline',
    schemas: {
      path: { id: '{"type":"integer"}' },
      query: { page: '{"type":"integer","required":true}' },
      headers: { 'x-tenant': '{"type":"string","maxLength":3}' },
      body: { kind: 'text', value: JSON.stringify(USER) },
    },
  } as const;
  const bench = validateBench({}, { source, unknownParameters: 'refuse' });
  const run = async (fields: Parameters<typeof requestOf>[0], tenant = 'a') => {
    const exchange = requestOf({ path: '/anything', query: '?page=1', ...fields });
    exchange.params = [fields?.path === '/x' ? 'x' : '7'];
    exchange.headers.set('X-Tenant', tenant);
    const { errors = [] } = problemOf(await bench.run(exchange));
    return (errors as readonly Record<string, string>[]).map(
      ({ parameter, pointer, keyword }) => `${parameter ?? pointer} ${keyword}`,
    );
  };

  it('describe what a document would', async () => {
    assert.deepEqual(await run({}), []);
    assert.deepEqual(await run({ path: '/x', query: '?more=1' }, 'abcd'), [
      'id type',
      'page required',
      'x-tenant maxLength',
      'more unknown',
    ]);
    assert.deepEqual(await run({ method: 'POST', body: '{"name":1}' }), ['#/name type']);
    assert.deepEqual(await run({ method: 'POST' }), ['# required']);
  });

  it('describe bodies of JSON only', async () => {
    const exchange = requestOf({
      query: '?page=1',
      method: 'POST',
      body: 'x',
      headers: headersOf(['Content-Type', 'text/plain']),
    });
    exchange.params = ['7'];
    const reply = await bench.run(exchange);
    assert.deepEqual([reply.status, reply.headers.get('accept')], [415, 'application/json']);
  });
});

it('counts with reasons of a closed list', async () => {
  const bench = validateBench(DOCUMENT, { responses: 'enforce' }, () => replyOf({ status: 200, body: 'x' }));
  for (const request of [requestOf(), requestOf({ path: '/' }), requestOf({ method: 'POST' })])
    await bench.run(request);
  const reasons = bench.counted().flatMap((line) => line.split(' ').slice(2));
  assert.ok(reasons.length > 2);
  for (const reason of reasons) assert.ok((VALIDATE_REASONS as readonly string[]).includes(reason), reason);
});
