import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ValidateConfig } from '@turnpike/config';
import { BodyOfReads, CollectedBody } from '../../core/body-testing.ts';
import type { Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { documentOf, replyOf, requestOf, validateBench } from './validate-testing.ts';

const ok = {
  description: '',
  headers: { 'X-Count': { schema: { type: 'integer' } } },
  content: { 'application/json': { schema: { type: 'array', items: { type: 'integer' } } }, 'text/csv': {} },
};
const DOCUMENT = documentOf({
  get: { responses: { 200: ok, 204: { description: '' }, '4XX': { description: '' } } },
});

const stream = (...reads: readonly string[]) =>
  new BodyOfReads(...reads.map((read) => [Buffer.from(read, 'latin1')]));

/** What becomes of a reply of the service, and what is counted beside the request itself. */
async function served(reply: Reply, fields: Partial<ValidateConfig>, method = 'GET') {
  const bench = validateBench(DOCUMENT, { bodyBytes: 20, ...fields }, () => reply);
  const result = await bench.run(requestOf({ method }));
  const counted = () => bench.counted().filter((line) => line !== 'validate allowed');
  return { result, counted, warnings: bench.warnings };
}

const wrong: readonly (readonly [what: string, reply: Partial<Reply>, reason: string])[] = [
  ['has a status that is not described', { status: 201 }, 'response-status'],
  ['has a header of another type', { headers: headersOf(['X-Count', 'x']), body: '[]' }, 'response-headers'],
  [
    'has a media type that is not described',
    { headers: headersOf(['Content-Type', 'text/html']), body: 'x' },
    'response-media-type',
  ],
  ['has no media type', { headers: headersOf(), body: '[]' }, 'response-media-type'],
  ['has a body that is no JSON', { body: '[' }, 'response-body'],
  ['has a body that is not as described', { body: '[1,"x"]' }, 'response-body'],
  ['has no body', { body: null }, 'response-body'],
  ['has such a body that comes in pieces', { body: stream('[1,', '"x"]') }, 'response-body'],
];

const right: readonly (readonly [what: string, reply: Partial<Reply>, method?: string])[] = [
  ['is as described', { body: '[1]' }],
  ['comes in pieces', { body: stream('[1,', '2]') }],
  ['is of a type that is not looked into', { headers: headersOf(['Content-Type', 'text/csv']), body: 'x' }],
  ['has no body to a request for the head only', { body: null }, 'HEAD'],
  ['has a body of which nothing is said', { status: 404, body: 'x' }],
  ['says that there is none', { status: 204 }],
  ['says that nothing has changed', { status: 304 }],
  ['says that the service has failed', { status: 500, body: 'x' }],
  ['is our own', { status: 418, code: 'INTERNAL', body: 'x' }],
];

describe('a response', () => {
  for (const [what, fields, reason] of wrong) {
    it(`that ${what} is counted, and passes as it is`, async () => {
      const { result, counted } = await served(replyOf(fields), { responses: 'report' });
      const { body } = result;
      if (typeof body === 'object' && body !== null) {
        const sink = new CollectedBody();
        body.readTo(sink);
        assert.equal(await sink.ended, 'end');
        assert.equal(sink.bytes.toString(), '[1,"x"]');
      } else {
        assert.equal(body, replyOf(fields).body);
      }
      assert.equal(result.status, fields.status ?? 200);
      assert.deepEqual(counted(), [`validate reported ${reason}`]);
    });
  }

  for (const [what, fields, reason] of wrong) {
    it(`that ${what} is replaced, where that is enforced`, async () => {
      const body = fields.body instanceof BodyOfReads ? stream('[1,', '"x"]') : (fields.body ?? null);
      const { result, counted } = await served(replyOf({ ...fields, body }), { responses: 'enforce' });
      assert.deepEqual([result.status, result.code], [502, 'INVALID_RESPONSE']);
      assert.doesNotMatch(String(result.body), /errors|integer|"x"/);
      assert.deepEqual(counted(), [`validate denied ${reason}`]);
    });
  }

  for (const [what, fields, method] of right) {
    it(`that ${what} passes`, async () => {
      for (const responses of ['report', 'enforce'] as const) {
        const body = fields.body instanceof BodyOfReads ? stream('[1,', '2]') : (fields.body ?? null);
        const { result, counted } = await served(replyOf({ ...fields, body }), { responses }, method);
        assert.equal(result.status, fields.status ?? 200);
        assert.deepEqual(counted(), []);
      }
    });
  }

  it('is not looked at where that is off', async () => {
    const { result, counted } = await served(replyOf({ status: 201, body: 'x' }), { responses: 'off' });
    assert.equal(result.status, 201);
    assert.deepEqual(counted(), []);
  });

  it('is only counted where the whole policy only reports', async () => {
    const { result, counted } = await served(replyOf({ status: 201 }), {
      responses: 'enforce',
      mode: 'report',
    });
    assert.equal(result.status, 201);
    assert.deepEqual(counted(), ['validate reported response-status']);
  });

  it('that is too large to be collected passes from its first byte on, and is counted', async () => {
    for (const responses of ['report', 'enforce'] as const) {
      const body = stream('[1,2,3,4,5,', '6,7,8,9,10,', '"x"', ']');
      const { result, counted } = await served(replyOf({ body }), { responses });
      const sink = new CollectedBody();
      if (typeof result.body === 'object') result.body?.readTo(sink);
      assert.equal(await sink.ended, 'end');
      assert.equal(sink.bytes.toString(), '[1,2,3,4,5,6,7,8,9,10,"x"]');
      assert.deepEqual(counted(), ['validate failed response-bytes']);
      const whole = await served(replyOf({ body: `["${'x'.repeat(20)}"]` }), { responses });
      assert.deepEqual([whole.result.status, whole.counted()], [200, ['validate failed response-bytes']]);
    }
  });

  it('that is compressed passes, and is counted', async () => {
    for (const responses of ['report', 'enforce'] as const) {
      const headers = headersOf(['Content-Type', 'application/json'], ['Content-Encoding', 'gzip']);
      const { result, counted } = await served(replyOf({ headers, body: 'x' }), { responses });
      assert.deepEqual([result.status, counted()], [200, ['validate failed response-coding']]);
    }
  });

  it('that is refused is read no further', async () => {
    const body = stream('[1]');
    await served(replyOf({ status: 201, body }), { responses: 'enforce' });
    assert.deepEqual([body.isCancelled, body.left], [true, 1]);
  });

  it('is logged once for each kind of mistake, without its values', async () => {
    const bench = validateBench(DOCUMENT, { responses: 'report' }, () => replyOf({ body: '[1,"secret"]' }));
    for (let i = 0; i < 3; i++) await bench.run(requestOf());
    assert.deepEqual(bench.warnings, [
      {
        route: 'things',
        status: 200,
        reason: 'response-body',
        detail: 'must be integer',
        in: 'body',
        pointer: '#/1',
        keyword: 'type',
      },
    ]);
  });
});
