import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '../../../../testkit/src/manual-clock.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { ExchangeRecord } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { AttemptSpan } from '../../core/trace.ts';
import { WireWriter } from '../../core/protobuf/wire-writer.ts';
import { exportRequest } from '../otlp/export-request.ts';
import { decodeExport, plain, type DecodedSpan } from '../otlp/otlp-testing.ts';
import type { OtlpOutbox } from '../otlp/otlp-outbox.ts';
import { Tracer, type TracesPlan } from './tracer.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SENT = `00-${TRACE}-${SPAN}-01`;

const PLAN: TracesPlan = {
  endpoint: 'http://collector',
  sample: 0.5,
  maxPerSecond: null,
  always: { errors: true, slow: true },
  slowMs: 1000,
  trust: 'proxies',
  isExported: true,
};

/** A tracer whose chance is `unit`, and what it tells. */
function world(plan: Partial<TracesPlan> = {}, unit = 0.4) {
  const writer = new WireWriter();
  const outbox: Pick<OtlpOutbox, 'add'> = { add: (write, item) => write(writer, item) };
  const clock = manualClock(1000);
  const random = { next: () => 0, below: () => 0, unit: () => unit };
  const tracer = new Tracer({ ...PLAN, ...plan }, { clock, random, outbox });
  const route = tracer.route('/v1/orders/{id}');

  function exchange(fields: readonly [string, string][] = [], fromTrustedProxy = false) {
    const begun = exchangeFrom({ headers: headersOf(['Accept', '*/*'], ...fields), fromTrustedProxy });
    tracer.begin(begun, route);
    const { trace } = begun;
    assert.ok(trace !== null);
    return { exchange: begun, trace };
  }

  /** Those that were told so far, as a collector reads them. */
  function spans(): readonly DecodedSpan[] {
    const bytes = writer.room(0).subarray(0, writer.pos);
    return decodeExport('traces', exportRequest([{ bytes }], { resource: [], version: '' })).items;
  }

  function over(record: Partial<ExchangeRecord> = {}, durationMs = 10): readonly DecodedSpan[] {
    const { exchange: one, trace } = exchange();
    Object.assign(one.record, record);
    tracer.ended(one, trace, one.startedAtMs + durationMs);
    return spans();
  }

  return { tracer, spans, clock, exchange, over };
}

function attribute(span: DecodedSpan | undefined, name: string): unknown {
  return plain(span?.attributes ?? [])[name];
}

/** Milliseconds on the clock of the test. */
function ms(nanoseconds: string | undefined): number {
  return Number(nanoseconds) / 1e6;
}

describe('the trace of an exchange', () => {
  it('begins here when the caller says nothing', () => {
    const { trace } = world().exchange();
    assert.match(trace.id, /^[\da-f]{32}$/);
    assert.equal(trace.caller.parentId, '');
    assert.equal(trace.flags, 3);
    assert.match(trace.nextLines(), new RegExp(`^traceparent: 00-${trace.id}-[\\da-f]{16}-03\r\n$`));
  });

  it('is not sampled when chance is against it', () => {
    assert.equal(world({}, 0.5).exchange().trace.flags, 2);
  });

  it('goes on that of a trusted proxy, with its decision', () => {
    const fields: [string, string][] = [
      ['traceparent', SENT],
      ['tracestate', 'a=1'],
      ['baggage', 'user=7'],
    ];
    const { exchange, trace } = world({}, 0.9).exchange(fields, true);
    assert.equal(trace.id, TRACE);
    assert.equal(trace.caller.parentId, SPAN);
    assert.equal(trace.flags, 1);
    assert.equal(trace.caller.link, null);
    assert.match(
      trace.nextLines(),
      new RegExp(
        `^traceparent: 00-${TRACE}-[\\da-f]{16}-01\r\ntracestate: turnpike=${trace.spanId},a=1\r\nbaggage: user=7\r\n$`,
      ),
    );
    assert.deepEqual(
      exchange.headers.names.map(({ lower }) => lower),
      ['accept'],
    );
  });

  it('begins here, linked, for a caller who is not trusted, whose baggage stays here', () => {
    const fields: [string, string][] = [
      ['Traceparent', SENT],
      ['tracestate', 'a=1'],
      ['baggage', 'user=7'],
    ];
    const { exchange, trace } = world({}, 0.9).exchange(fields);
    assert.notEqual(trace.id, TRACE);
    assert.deepEqual(trace.caller.link, { traceId: TRACE, parentId: SPAN, flags: 1 });
    assert.equal(trace.flags, 2);
    assert.doesNotMatch(trace.nextLines(), /a=1|baggage/);
    assert.equal(exchange.headers.size, 1);
  });

  it('is as the plan trusts', () => {
    const fields: [string, string][] = [['traceparent', SENT]];
    assert.equal(world({ trust: 'everybody' }).exchange(fields).trace.id, TRACE);
    assert.notEqual(world({ trust: 'nobody' }).exchange(fields, true).trace.id, TRACE);
  });

  it('begins anew when what a trusted proxy says is malformed, or said twice', () => {
    for (const fields of [
      [
        ['traceparent', SENT.toUpperCase()],
        ['tracestate', 'a=1'],
      ],
      [
        ['traceparent', SENT],
        ['traceparent', SENT],
      ],
      [['tracestate', 'a=1']],
    ] satisfies [string, string][][]) {
      const { trace } = world().exchange(fields, true);
      assert.notEqual(trace.id, TRACE);
      assert.equal(trace.caller.parentId, '');
      assert.doesNotMatch(trace.nextLines(), /a=1/);
    }
  });

  it('is sampled so often a second at most, for each route', () => {
    const { tracer, clock } = world({ maxPerSecond: 2 });
    const [one, other] = [tracer.route('/a'), tracer.route('/b')];
    const flags = (route: typeof one) => {
      const exchange = exchangeFrom({ startedAtMs: clock.now() });
      tracer.begin(exchange, route);
      return exchange.trace?.flags;
    };
    assert.deepEqual([flags(one), flags(one), flags(one), flags(other)], [3, 3, 2, 3]);
    clock.advance(500);
    assert.deepEqual([flags(one), flags(one)], [3, 2]);
  });
});

describe('the spans of an exchange', () => {
  it('are told when it was sampled', () => {
    const [span] = world().over();
    assert.equal(span?.kind, 'SPAN_KIND_SERVER');
    assert.equal(span?.name, 'GET /v1/orders/{id}');
    assert.equal(attribute(span, 'http.route'), '/v1/orders/{id}');
    assert.equal(attribute(span, 'http.request.method'), 'GET');
    assert.equal(attribute(span, 'http.response.status_code'), 200);
    assert.equal(attribute(span, 'url.path'), '/v1/orders');
    assert.equal(attribute(span, 'url.scheme'), 'https');
    assert.equal(attribute(span, 'server.address'), 'api.example.com');
    assert.equal(attribute(span, 'server.port'), 443);
    assert.equal(attribute(span, 'client.address'), '203.0.113.9');
    assert.equal(attribute(span, 'network.protocol.version'), '1.1');
    assert.equal(attribute(span, 'user_agent.original'), undefined);
    assert.equal(attribute(span, 'turnpike.kept'), undefined);
    assert.equal(span?.status, undefined);
    assert.doesNotMatch(JSON.stringify(span), /secret/);
  });

  it('are not told when it was not, and all was well', () => {
    assert.deepEqual(world({}, 0.9).over(), []);
    assert.deepEqual(world({}, 0.9).over({ status: 404, code: 'NO_ROUTE' }), []);
  });

  const kept: readonly [what: string, record: Partial<ExchangeRecord>, durationMs: number, reason: string][] =
    [
      ['the service failed', { status: 500 }, 1, 'error'],
      ['we failed', { status: 502, code: 'UPSTREAM_RESET' }, 1, 'error'],
      ['its answer broke off', { status: 200, code: 'UPSTREAM_INCOMPLETE' }, 1, 'error'],
      ['a gRPC call failed', { status: 200, grpcStatus: 14 }, 1, 'error'],
      ['it was slow', { status: 200 }, 1000, 'slow'],
    ];
  for (const [what, record, durationMs, reason] of kept)
    it(`are told although it was not when ${what}`, () => {
      const [span] = world({}, 0.9).over(record, durationMs);
      assert.equal(attribute(span, 'turnpike.kept'), reason);
      assert.equal(span?.flags, 0x102);
      assert.equal(span?.status === undefined, reason === 'slow');
    });

  it('are not told for a WebSocket that was open for long', () => {
    assert.deepEqual(world({}, 0.9).over({ closed: 'client' }, 100_000), []);
  });

  it('are not told for what the plan does not keep', () => {
    const nothing = { always: { errors: false, slow: false } };
    assert.deepEqual(world(nothing, 0.9).over({ status: 500 }, 5000), []);
    const errors = { always: { errors: true, slow: false } };
    assert.deepEqual(world(errors, 0.9).over({ status: 200 }, 5000), []);
  });

  it('are not told without a collector', () => {
    assert.deepEqual(world({ isExported: false }).over({ status: 500 }), []);
  });

  it('are one for each attempt as well', () => {
    const { tracer, spans, exchange } = world();
    const { exchange: one, trace } = exchange();
    one.targetPath = '/orders';
    const attempt = (origin: string): AttemptSpan => {
      trace.nextLines();
      const span = trace.attempt(one, { origin, version: '1.1' });
      assert.ok(span !== null);
      span.startedAtMs = 1001;
      one.record.attempts++;
      return span;
    };
    attempt('http://10.0.0.1:80').failed('CONNECT_FAILED', 1002);
    trace.retried('CONNECT_FAILED', 'unsent');
    attempt('https://[::1]:8080').answered(503, 1005);
    trace.refused('OVERLOADED', '');
    tracer.ended(one, trace, 1010);
    const [server, first, second] = spans();
    assert.deepEqual(
      server?.events.map(({ name, attributes }) => [name, plain(attributes)]),
      [
        ['turnpike.retried', { 'turnpike.outcome': 'CONNECT_FAILED', 'turnpike.cause': 'unsent' }],
        ['turnpike.refused', { 'turnpike.code': 'OVERLOADED' }],
      ],
    );
    assert.equal(first?.parentSpanId, server?.spanId);
    assert.notEqual(first?.spanId, second?.spanId);
    assert.equal(first?.kind, 'SPAN_KIND_CLIENT');
    assert.equal(first?.name, 'GET');
    assert.equal(attribute(first, 'error.type'), 'CONNECT_FAILED');
    assert.equal(attribute(first, 'http.request.resend_count'), undefined);
    assert.deepEqual(first?.status, { code: 'STATUS_CODE_ERROR' });
    assert.equal(attribute(second, 'http.request.resend_count'), 1);
    assert.equal(attribute(second, 'server.address'), '::1');
    assert.equal(attribute(second, 'server.port'), 8080);
    assert.equal(attribute(second, 'url.full'), 'https://[::1]:8080/orders');
    assert.equal(attribute(second, 'error.type'), '503');
    assert.equal(ms(second?.startTimeUnixNano), 1001);
    assert.equal(ms(second?.endTimeUnixNano), 1005);
  });

  it('are one for each policy that took its time, or did not let it through', () => {
    const { tracer, spans, exchange, clock } = world();
    const { exchange: one, trace } = exchange();
    const policy = (stage: string, tookMs: number): void => {
      trace.entered(stage);
      clock.advance(tookMs);
    };
    policy('authenticate', 20);
    trace.passed();
    policy('rate-limit', 0);
    trace.passed();
    policy('authorize', 5);
    trace.refused('AUTHORIZATION_UNAVAILABLE', 'authorize.external');
    tracer.ended(one, trace, 1030);
    const [server, ...policies] = spans();
    assert.deepEqual(
      policies.map((span) => [span.name, span.kind, ms(span.startTimeUnixNano), ms(span.endTimeUnixNano)]),
      [
        ['authenticate', 'SPAN_KIND_INTERNAL', 1000, 1020],
        ['authorize', 'SPAN_KIND_INTERNAL', 1020, 1025],
      ],
    );
    const [passed, refused] = policies;
    assert.deepEqual([passed?.parentSpanId, refused?.parentSpanId], [server?.spanId, server?.spanId]);
    assert.equal(attribute(refused, 'turnpike.code'), 'AUTHORIZATION_UNAVAILABLE');
    assert.deepEqual([passed?.status, refused?.status], [undefined, { code: 'STATUS_CODE_ERROR' }]);
  });

  it('have one of the policy that answered, until the end', () => {
    const { tracer, spans, exchange } = world();
    const { exchange: one, trace } = exchange();
    trace.entered('cache');
    tracer.ended(one, trace, 1007);
    const [, cache, ...others] = spans();
    assert.deepEqual([cache?.name, ms(cache?.endTimeUnixNano), others.length], ['cache', 1007, 0]);
  });

  it('say what clients send as it was meant, and nothing that a collector would not take', () => {
    const { tracer, spans, exchange } = world();
    const told = (...fields: [string, string][]): unknown => {
      const { exchange: one, trace } = exchange(fields);
      tracer.ended(one, trace, 1001);
      return attribute(spans().at(-1), 'user_agent.original');
    };
    assert.equal(told(['User-Agent', Buffer.from('Gürtel\u2028"').toString('latin1')]), 'Gürtel\u2028"');
    assert.equal(told(['User-Agent', '\xff\0']), 'ÿ\0');
    assert.equal(told(['User-Agent', 'é'.repeat(3000)]), 'é'.repeat(256));
    assert.equal(told(), undefined);
  });

  it('have the time of the wall, also after that was set', () => {
    const { tracer, spans, exchange, clock } = world();
    const told = (epochMs: number): number | undefined => {
      Object.assign(clock, { epoch: () => epochMs });
      const { exchange: one, trace } = exchange();
      tracer.ended(one, trace, 1010);
      return ms(spans().at(-1)?.endTimeUnixNano);
    };
    assert.equal(told(1000), 1010);
    assert.equal(told(1003), 1010);
    assert.equal(told(9000), 9010);
  });
});
