import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import type { LostAttempt } from '../core/exchange.ts';
import { headersOf } from '../core/headers.ts';
import { jsonBytes, jsonLines } from './access-log-line.ts';
import { LineBytes } from './line-bytes.ts';
import { MAX_LINE_BYTES } from './line-parts.ts';
import { timeTexts } from './log-time.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { callerOf } from '../core/identity-testing.ts';
import { ecsLines } from './ecs-line.ts';
import { hostileExchange, manyFields, utmostExchange } from './log-lines-testing.ts';

const epoch = timeTexts(() => 0);
/** What a client means by bytes: UTF-8, or else latin1. */
function meant(wire: string): string {
  const bytes = Buffer.from(wire, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : wire;
}

const accessLogLine = jsonLines({ timeText: epoch, ownFieldsOf: null });
describe('a line of the access log', () => {
  it('tells everything about an exchange but the query', () => {
    const record = {
      endpoint: '10.0.0.1:80',
      attempts: 2,
      requestBytes: 3,
      responseBytes: 45,
      upstreamMs: 1.5,
    };
    const line = accessLogLine(
      exchangeFrom({}, { ...record, reused: true, code: 'UPSTREAM_RESET' }),
      1012.3456,
      0,
    );
    assert.deepEqual(JSON.parse(line), {
      time: '1970-01-01T00:00:01.012Z',
      requestId: 'r-1',
      client: '203.0.113.9',
      method: 'GET',
      host: 'api.example.com',
      path: '/v1/orders',
      protocol: 'HTTP/1.1',
      status: 200,
      route: 'orders',
      service: 'orders-api',
      endpoint: '10.0.0.1:80',
      attempts: 2,
      durationMs: 12.346,
      upstreamMs: 1.5,
      requestBytes: 3,
      responseBytes: 45,
      code: 'UPSTREAM_RESET',
      userAgent: 'curl/8.5.0',
      reused: true,
    });
    assert.match(line, /"durationMs":12\.346,"upstreamMs":1\.500,/);
  });

  it('has the service of this exchange, whichever was there before', () => {
    for (const service of ['', 'one', 'two', '']) {
      const line = accessLogLine(exchangeFrom({}, { route: 'split', service }), 1000, 0);
      assert.equal(JSON.parse(line).service, service);
    }
  });

  it('says why the endpoint was chosen, whatever was the reason before', () => {
    for (const picked of ['adaptive', 'panic', 'adaptive'] as const) {
      const record = { endpoint: '10.0.0.9:80', picked };
      assert.equal(JSON.parse(accessLogLine(exchangeFrom({}, record), 1000, 0)).picked, picked);
    }
  });

  it('says what a fallback stood in for', () => {
    for (const fallbackFor of ['BREAKER_OPEN', 503] as const) {
      const line = accessLogLine(exchangeFrom({}, { fallbackFor }), 1000, 0);
      assert.equal(JSON.parse(line).fallbackFor, String(fallbackFor));
    }
  });

  it('leaves out what there is not', () => {
    const line = JSON.parse(accessLogLine(exchangeFrom({ headers: headersOf() }), 1000, 0));
    assert.equal('userAgent' in line, false);
    assert.equal('code' in line, false);
    assert.equal('picked' in line, false);
    assert.equal('fallbackFor' in line, false);
    assert.equal(line.upstreamMs, null);
  });

  it('tells of the attempts that did not give the answer, and why there was no other', () => {
    const lost: LostAttempt[] = [
      { endpoint: '10.0.0.1:80', picked: 'adaptive', outcome: 503, durationMs: 1.5, next: 'retry' },
      { endpoint: '10.0.0.2:80', picked: 'hash', outcome: 'UPSTREAM_RESET', durationMs: 2, next: 'stale' },
    ];
    const record = { picked: 'moved', lost, unretried: 'budget', hedge: 'failed' } as const;
    const { picked, unretried, hedge, ...line } = JSON.parse(
      accessLogLine(exchangeFrom({}, { ...record, attempts: 3 }), 1012, 0),
    );
    assert.deepEqual(line.lost, lost);
    assert.deepEqual([picked, unretried, hedge, line.attempts], ['moved', 'budget', 'failed', 3]);
  });

  it('has as many of them as there is room for', () => {
    const attempt = { endpoint: 'x'.repeat(200), picked: 'adaptive', outcome: 503, durationMs: 1.5 } as const;
    const lost = Array.from({ length: 16 }, () => ({ ...attempt, next: 'retry' as const }));
    const line = accessLogLine(exchangeFrom({}, { lost }), 1012, 0);
    assert.ok(line.length <= MAX_LINE_BYTES && line.length > MAX_LINE_BYTES - 400);
    assert.ok(JSON.parse(line).lost.length > 5);
  });

  it('says who called, as far as that is known', () => {
    const exchange = exchangeFrom();
    exchange.identity = callerOf({ subject: 'ann', consumer: '' });
    const { subject, consumer } = JSON.parse(accessLogLine(exchange, 1000, 0));
    assert.deepEqual([subject, consumer], ['ann', undefined]);
  });

  it('has own fields, and how it was sampled', () => {
    const own = [
      { name: 'tenant', read: () => 'a"b' },
      { name: 'none', read: () => null },
    ];
    const write = jsonLines({ timeText: epoch, ownFieldsOf: () => own });
    const { sampleRate, fields } = JSON.parse(write(exchangeFrom(), 1000, 0.1));
    assert.deepEqual([sampleRate, fields], [0.1, { tenant: 'a"b', none: null }]);
  });

  it('is not confused by a line of another form on the same connection', () => {
    const exchange = exchangeFrom();
    const other = ecsLines({ timeText: epoch, ownFieldsOf: null });
    const first = accessLogLine(exchange, 1000, 0);
    other(exchange, 1000, 0);
    assert.equal(accessLogLine(exchange, 1000, 0), first);
  });

  it('is one line of ASCII JSON that a pipe takes whole, whatever clients send', () => {
    fc.assert(
      fc.property(hostileExchange, (exchange) => {
        const own = manyFields(exchange.path);
        const write = jsonLines({ timeText: epoch, ownFieldsOf: () => own });
        const line = write(exchange, 1e15, 0.5);
        assert.match(line, /^[ -~]+\n$/);
        assert.ok(line.length <= MAX_LINE_BYTES, String(line.length));
        const parsed = JSON.parse(line);
        assert.ok(JSON.stringify(parsed).isWellFormed());
        assert.ok((parsed.userAgent ?? '').length <= 256);
      }),
    );
  });

  it('says what was sent, one line behind the other in one buffer, as a model of it does', () => {
    const write = jsonBytes({ timeText: epoch, ownFieldsOf: null });
    const piece = fc.constantFrom(
      'a',
      '"',
      '\\',
      '\r\n{"time":',
      '\0',
      '\x7f',
      '\xff',
      '\xc3\xa9',
      '\xe2\x80\xa8',
    );
    const sent = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    const pathSent = fc.oneof(sent, fc.constantFrom('/'.repeat(64), '\xc3\xa9'.repeat(33)));
    const requests = fc.array(
      fc.record({
        id: sent,
        method: fc.constantFrom('GET', 'G^T"\\'),
        host: sent,
        path: pathSent,
        userAgent: sent,
      }),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(requests, (all) => {
        const line = new LineBytes(Buffer.alloc(10 * MAX_LINE_BYTES));
        // Of one connection, which remembers what was written of its caller.
        const { memo } = exchangeFrom();
        for (const { userAgent, ...fields } of all) {
          const headers = headersOf(['user-agent', userAgent]);
          const exchange = exchangeFrom({ ...fields, headers, memo, fromTrustedProxy: true });
          write(line, exchange, { endedAtMs: 1000, sampleRate: 0 });
        }
        const told = line.since(0).split('\n').slice(0, -1);
        assert.deepEqual(
          told.map((text) => {
            const { requestId: id, method, host, path, userAgent = '' } = JSON.parse(text);
            return { id, method, host, path, userAgent };
          }),
          all.map(({ id, method, host, path, userAgent }) => ({
            id: meant(id),
            method: method,
            host: meant(host),
            path: meant(path),
            userAgent: meant(userAgent),
          })),
        );
      }),
    );
  });

  it('stays below the limit when every field is hostile to the utmost', () => {
    const own = manyFields('\u0001'.repeat(1000));
    for (const ownFieldsOf of [null, () => own]) {
      const line = jsonLines({ timeText: epoch, ownFieldsOf })(utmostExchange(), 1e15, 0.123456789);
      assert.ok(line.length <= MAX_LINE_BYTES, String(line.length));
      assert.ok(JSON.parse(line).path.length >= 64);
    }
  });
});

describe('the time of a line', () => {
  it('is that of the Date at every moment, also when the clock goes back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 })), (moments) => {
        const text = timeTexts(() => 1_700_000_000_123);
        for (const ms of moments) assert.equal(text(ms), new Date(1_700_000_000_123 + ms).toISOString());
      }),
    );
  });

  it('follows a clock that was set within a second', () => {
    let offset = 0;
    const text = timeTexts(() => offset);
    text(500);
    offset = 3_600_000;
    assert.equal(text(1500), '1970-01-01T01:00:01.500Z');
  });
});
