import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { BodyOfReads, CollectedBody } from '../../core/body-testing.ts';
import type { Body } from '../../core/body.ts';
import { countedDecisions } from '../../core/decisions-testing.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { Headers, headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { limitContent } from './limit-content.ts';
import type { ContentLimits } from './look.ts';

const PASSED: Reply = { status: 204, headers: new Headers(), body: null, code: '', tunnel: null };
const BOMB = gzipSync(Buffer.alloc(100_000));

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}

interface Sent {
  readonly type?: string;
  readonly coding?: string;
  readonly body: Body;
}

/** Sends a body through the stage: `passed`, or code and rule of the refusal, with what was counted. */
async function send(limits: Partial<ContentLimits>, { type, coding, body }: Sent) {
  const { decisions, take } = countedDecisions();
  const all = {
    bodyBytes: null,
    decompressedBytes: null,
    jsonDepth: null,
    limitsMode: 'on',
    ...limits,
  } as const;
  const headers = new Headers();
  if (type !== undefined) headers.append('Content-Type', type);
  if (coding !== undefined) headers.append('Content-Encoding', coding);
  const exchange = exchangeFrom({ method: 'POST', headers, body });
  let seen: Exchange | null = null;
  const reply = await limitContent(all, { decisions })?.((passed) => {
    seen = passed;
    return Promise.resolve(PASSED);
  })(exchange);
  assert.ok(reply !== undefined);
  if (reply === PASSED) {
    assert.equal(seen, exchange);
    return { outcome: 'passed', exchange, reply, counted: take() };
  }
  const { code, rule } = JSON.parse(String(reply.body)) as { code: string; rule: string };
  assert.equal(seen, null);
  return { outcome: `${reply.status} ${code} ${rule}`, exchange, reply, counted: take() };
}

const JSON_TYPE = 'application/json';

describe('limitContent', () => {
  it('is no stage without limits of its own', () => {
    const limits = { bodyBytes: 1, decompressedBytes: null, jsonDepth: null, limitsMode: 'on' } as const;
    assert.equal(limitContent(limits, { decisions: () => assert.fail() }), null);
  });

  const nothing: readonly (readonly [what: string, limits: Partial<ContentLimits>, sent: Sent])[] = [
    ['no body', { decompressedBytes: 1, jsonDepth: 1 }, { type: JSON_TYPE, coding: 'x', body: null }],
    ['a body without coding', { decompressedBytes: 1 }, { body: 'hello' }],
    ['a body with the coding that is none', { decompressedBytes: 1 }, { coding: 'identity', body: 'hello' }],
    ['a body that is no JSON', { jsonDepth: 1 }, { type: 'text/plain', body: '[[[' }],
    ['an encoded body that is no JSON', { jsonDepth: 1 }, { coding: 'x', body: '[[[' }],
    ['another charset of what is no JSON', { jsonDepth: 1 }, { type: 'text/plain; charset=x', body: '[[[' }],
  ];
  for (const [what, limits, sent] of nothing) {
    it(`has nothing against ${what}`, async () => {
      const { outcome, exchange, counted } = await send(limits, sent);
      assert.equal(outcome, 'passed');
      assert.equal(exchange.body, sent.body);
      assert.deepEqual(counted, []);
    });
  }

  const table: readonly (readonly [
    what: string,
    limits: Partial<ContentLimits>,
    sent: Sent,
    outcome: string,
    reason?: string,
  ])[] = [
    [
      'a body that grows to the limit',
      { decompressedBytes: 100_000 },
      { coding: 'gzip', body: latin1(BOMB) },
      'passed',
    ],
    [
      'a body that grows too large',
      { decompressedBytes: 99_999 },
      { coding: 'gzip', body: latin1(BOMB) },
      '413 BODY_TOO_LARGE limits.decompressedBytes',
      'decompressedBytes',
    ],
    [
      'a body that is not what its coding says',
      { decompressedBytes: 1000 },
      { coding: 'br', body: latin1(BOMB) },
      '400 BAD_REQUEST limits.decompressedBytes',
      'coding-malformed',
    ],
    [
      'a coding that nobody knows',
      { decompressedBytes: 1000 },
      { coding: 'gzip, compress', body: 'x' },
      '415 UNSUPPORTED_MEDIA_TYPE limits.decompressedBytes',
      'coding-unknown',
    ],
    ['JSON of the allowed depth', { jsonDepth: 2 }, { type: JSON_TYPE, body: '[[1]]' }, 'passed'],
    [
      'JSON that is nested too deeply',
      { jsonDepth: 2 },
      { type: JSON_TYPE, body: '[[[1]]]' },
      '400 BODY_TOO_DEEP limits.jsonDepth',
      'jsonDepth',
    ],
    [
      'JSON in an encoding that hides brackets',
      { jsonDepth: 2 },
      { type: JSON_TYPE, body: '[\0[\0' },
      '400 INVALID_REQUEST limits.jsonDepth',
      'not-utf-8',
    ],
    [
      'JSON in a charset that hides brackets',
      { jsonDepth: 2 },
      { type: `${JSON_TYPE}; charset=ibm037`, body: 'x' },
      '415 UNSUPPORTED_MEDIA_TYPE limits.jsonDepth',
      'charset-unknown',
    ],
    [
      'encoded JSON of the allowed depth',
      { jsonDepth: 2 },
      { type: JSON_TYPE, coding: 'br', body: latin1(brotliCompressSync('[[1]]')) },
      'passed',
    ],
    [
      'encoded JSON that is nested too deeply',
      { jsonDepth: 1 },
      { type: JSON_TYPE, coding: 'br', body: latin1(brotliCompressSync('[[1]]')) },
      '400 BODY_TOO_DEEP limits.jsonDepth',
      'jsonDepth',
    ],
    [
      'encoded JSON that grows larger than a body may be on this listener',
      { jsonDepth: 2 },
      { type: JSON_TYPE, coding: 'gzip', body: latin1(BOMB) },
      '413 BODY_TOO_LARGE limits.decompressedBytes',
      'decompressedBytes',
    ],
    [
      'encoded JSON that grows no larger than a body may be on this route',
      { jsonDepth: 2, bodyBytes: 1_000_000 },
      { type: JSON_TYPE, coding: 'gzip', body: latin1(gzipSync(' '.repeat(100_000))) },
      'passed',
    ],
    [
      'JSON with a coding that nobody can look into',
      { jsonDepth: 2 },
      { type: JSON_TYPE, coding: 'compress', body: 'x' },
      '415 UNSUPPORTED_MEDIA_TYPE limits.decompressedBytes',
      'coding-unknown',
    ],
  ];
  for (const [what, limits, sent, outcome, reason] of table) {
    it(`answers ${what} with ${outcome}, and only counts it in report mode`, async () => {
      const on = await send(limits, sent);
      assert.equal(on.outcome, outcome);
      assert.deepEqual(on.counted, reason === undefined ? [] : [`limits denied ${reason}`]);
      const report = await send({ ...limits, limitsMode: 'report' }, sent);
      assert.equal(report.outcome, 'passed');
      assert.equal(report.exchange.body, sent.body);
      assert.deepEqual(report.counted, reason === undefined ? [] : [`limits reported ${reason}`]);
    });
  }

  it('says which codings it takes', async () => {
    const { reply } = await send({ decompressedBytes: 1 }, { coding: 'compress', body: 'x' });
    assert.equal(reply.headers.get('accept-encoding'), 'gzip, deflate, br, zstd');
  });

  it('ends a stream of JSON before the byte goes on that is too much', async () => {
    const pieces = ['[1,"[[["', ',[2],', '[[3'].map((text) => Buffer.from(text));
    for (const limitsMode of ['on', 'report'] as const) {
      const source = new BodyOfReads(...pieces.map((piece) => [piece]));
      const { exchange } = await send({ jsonDepth: 2, limitsMode }, { type: JSON_TYPE, body: source });
      const sink = new CollectedBody();
      assert.ok(typeof exchange.body === 'object' && exchange.body !== null);
      exchange.body.readTo(sink);
      const ending = await sink.ended;
      if (limitsMode === 'report') {
        assert.equal(ending, 'end');
        assert.deepEqual(sink.pieces, pieces);
        continue;
      }
      assert.ok(ending instanceof GatewayError);
      assert.equal(ending.code, 'BODY_TOO_DEEP');
      assert.equal(ending.rule, 'limits.jsonDepth');
      assert.deepEqual(sink.pieces, pieces.slice(0, 2));
      assert.ok(source.isCancelled);
    }
  });

  it('ends a stream with a coding before the byte goes on that is too much', async () => {
    const source = new BodyOfReads([BOMB.subarray(0, 10)], [BOMB.subarray(10)]);
    const { exchange } = await send({ decompressedBytes: 1000 }, { coding: 'gzip', body: source });
    const sink = new CollectedBody();
    assert.ok(typeof exchange.body === 'object' && exchange.body !== null);
    exchange.body.readTo(sink);
    const ending = await sink.ended;
    assert.ok(ending instanceof GatewayError);
    assert.equal(ending.code, 'BODY_TOO_LARGE');
    assert.deepEqual(sink.pieces, [BOMB.subarray(0, 10)]);
  });

  it('does not go on for a client that left meanwhile', async () => {
    const { decisions } = countedDecisions();
    const limits = { bodyBytes: null, decompressedBytes: 1000, jsonDepth: null, limitsMode: 'on' } as const;
    const headers = headersOf(['Content-Encoding', 'gzip']);
    const exchange = exchangeFrom({ headers, body: latin1(gzipSync('hello')) });
    const reply = limitContent(limits, { decisions })?.(() => assert.fail())(exchange);
    exchange.cancel('CLIENT_CLOSED');
    assert.equal((await reply)?.code, 'CLIENT_CLOSED');
  });
});
