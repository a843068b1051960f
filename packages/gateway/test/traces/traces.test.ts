// Traces over real sockets: what services are told, and what the supervisor is told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, fieldOf, inTurn, reply, reset, scriptedUpstream, type Talk } from '@turnpike/testkit';
import { hexOf, plain } from '../../src/observe/otlp/otlp-testing.ts';
import { upstream as http2Upstream } from '../http2/fixture.ts';
import { get, request } from '../wire/fixture.ts';
import { parts, spansOf, tracing } from './fixture.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SENT = `traceparent: 00-${TRACE}-${PARENT}-01`;
const OK = answer(reply('ok'));

function told(talk: Talk | undefined) {
  assert.ok(talk !== undefined);
  return parts(fieldOf(talk, 'traceparent'));
}

describe('a trace', () => {
  it('goes through the gateway, with a span for the request and one for the attempt', async (t) => {
    const rig = await tracing(t, { upstream: OK, route: { match: { path: '/orders/{id}' } } });
    const client = await rig.client();
    await client.ask(get('/orders/7?token=hidden', SENT, 'tracestate: a=1', 'baggage: user=7'));
    const [talk] = rig.upstream.requests;
    const { traceId, spanId, flags } = told(talk);
    assert.deepEqual([traceId, flags], [TRACE, '01']);
    const [server, attempt] = await spansOf(rig.plane, 2);
    assert.ok(server !== undefined && attempt !== undefined && talk !== undefined);
    assert.equal(hexOf(server.traceId), TRACE);
    assert.equal(hexOf(server.parentSpanId), PARENT);
    assert.equal(server.name, 'GET /orders/{id}');
    assert.equal(server.kind, 'SPAN_KIND_SERVER');
    assert.equal(server.traceState, 'a=1');
    assert.equal(hexOf(attempt.traceId), TRACE);
    assert.equal(hexOf(attempt.spanId), spanId);
    assert.equal(attempt.parentSpanId, server.spanId);
    assert.equal(attempt.kind, 'SPAN_KIND_CLIENT');
    assert.equal(fieldOf(talk, 'tracestate'), `turnpike=${hexOf(server.spanId)},a=1`);
    assert.equal(fieldOf(talk, 'baggage'), 'user=7');
    const [asServer, asClient] = [plain(server.attributes), plain(attempt.attributes)];
    assert.equal(asServer['http.response.status_code'], 200);
    assert.equal(asServer['url.path'], '/orders/7');
    assert.equal(asServer['turnpike.service'], 'main');
    assert.equal(asClient['url.full'], `${rig.upstream.url}/orders/7`);
    assert.equal(asClient['server.port'], rig.upstream.port);
    assert.ok(BigInt(server.startTimeUnixNano) <= BigInt(attempt.startTimeUnixNano));
    assert.ok(BigInt(attempt.startTimeUnixNano) <= BigInt(attempt.endTimeUnixNano));
    assert.ok(BigInt(attempt.endTimeUnixNano) <= BigInt(server.endTimeUnixNano));
    assert.doesNotMatch(JSON.stringify([server, attempt]), /hidden/);
  });

  it('is in the access log', async (t) => {
    const rig = await tracing(t, { upstream: OK });
    const client = await rig.client();
    await client.ask(get('/', SENT));
    const [line] = await rig.plane.lines(1);
    assert.equal(line?.['traceId'], TRACE);
  });

  it('begins here, linked, for callers who are not trusted', async (t) => {
    const rig = await tracing(t, { upstream: OK }, { trust: 'proxies' });
    const client = await rig.client();
    await client.ask(get('/', SENT, 'tracestate: a=1', 'baggage: user=7'));
    const [talk] = rig.upstream.requests;
    const { traceId } = told(talk);
    assert.ok(talk !== undefined);
    assert.notEqual(traceId, TRACE);
    assert.doesNotMatch(talk.head, /baggage|a=1/);
    const [server] = await spansOf(rig.plane, 2);
    assert.equal(hexOf(server?.traceId), traceId);
    assert.equal(hexOf(server?.links[0]?.traceId), TRACE);
    assert.equal(hexOf(server?.links[0]?.spanId), PARENT);
  });

  it('goes on for trusted proxies', async (t) => {
    const listener = { trustedProxies: ['127.0.0.0/8'] };
    const rig = await tracing(t, { upstream: OK, listener }, { trust: 'proxies' });
    const client = await rig.client();
    await client.ask(get('/', SENT));
    assert.equal(told(rig.upstream.requests[0]).traceId, TRACE);
  });

  it('has a span of its own for every attempt, and an event for every retry', async (t) => {
    const upstream = inTurn(reset, answer(reply('', [], '503 Service Unavailable')), OK);
    const retry = { attempts: 3, on: ['reset', 503] };
    const rig = await tracing(t, { upstream, route: { policies: { retry } } });
    const client = await rig.client();
    const { status } = await client.ask(get('/', SENT));
    assert.equal(status, 200);
    const spans = await spansOf(rig.plane, 4);
    const [server, ...attempts] = spans;
    const ids = rig.upstream.requests.map((talk) => told(talk).spanId);
    assert.deepEqual(
      attempts.map(({ spanId }) => hexOf(spanId)),
      ids,
    );
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(
      attempts.map(({ attributes }) => {
        const found = plain(attributes);
        return [found['http.request.resend_count'], found['error.type'], found['http.response.status_code']];
      }),
      [
        [undefined, 'UPSTREAM_RESET', undefined],
        [1, '503', 503],
        [2, undefined, 200],
      ],
    );
    assert.deepEqual(
      server?.events.map(({ name, attributes }) => [name, plain(attributes)]),
      [
        ['turnpike.retried', { 'turnpike.outcome': 'UPSTREAM_RESET', 'turnpike.cause': 'retry' }],
        ['turnpike.retried', { 'turnpike.outcome': '503', 'turnpike.cause': 'retry' }],
      ],
    );
  });

  it('has an event for a refusal, with its rule', async (t) => {
    const route = { policies: { ipAccess: { deny: ['127.0.0.0/8'] } } };
    const rig = await tracing(t, { upstream: OK, route });
    const client = await rig.client();
    assert.equal((await client.ask(get('/'))).status, 403);
    const [server] = await spansOf(rig.plane, 1);
    assert.equal(server?.events[0]?.name, 'turnpike.refused');
    assert.equal(plain(server?.events[0]?.attributes ?? [])['turnpike.code'], 'IP_DENIED');
    assert.equal(server?.status?.code, undefined);
  });

  it('has a span for the policy that had to ask somebody and did not let the request through', async (t) => {
    const decider = await scriptedUpstream(reset);
    t.after(() => decider.close());
    const route = { policies: { authorize: { external: { url: decider.url } } } };
    const rig = await tracing(t, { upstream: OK, route });
    const client = await rig.client();
    assert.equal((await client.ask(get('/'))).status, 503);
    const [server, authorize] = await spansOf(rig.plane, 2);
    assert.ok(server !== undefined && authorize !== undefined);
    assert.deepEqual([authorize.name, authorize.kind], ['authorize', 'SPAN_KIND_INTERNAL']);
    assert.equal(authorize.parentSpanId, server.spanId);
    assert.deepEqual(plain(authorize.attributes), {
      'turnpike.stage': 'authorize',
      'turnpike.code': 'AUTHORIZATION_UNAVAILABLE',
    });
    assert.ok(BigInt(server.startTimeUnixNano) <= BigInt(authorize.startTimeUnixNano));
    assert.ok(BigInt(authorize.endTimeUnixNano) <= BigInt(server.endTimeUnixNano));
  });

  it('is there for what no route takes', async (t) => {
    const rig = await tracing(t, { upstream: OK, route: { match: { path: '/only' } } });
    const client = await rig.client();
    await client.ask(get('/other', SENT));
    const [server] = await spansOf(rig.plane, 1);
    assert.equal(server?.name, 'GET');
    assert.equal(hexOf(server?.traceId), TRACE);
    assert.equal(plain(server?.attributes ?? [])['turnpike.code'], 'NO_ROUTE');
  });

  it('is kept when it was not sampled and failed, and forgotten when all was well', async (t) => {
    const upstream = inTurn(OK, answer(reply('', [], '500 Internal Server Error')), OK);
    const rig = await tracing(t, { upstream }, { sample: '0%' });
    const client = await rig.client();
    for (let n = 0; n < 3; n++) await client.ask(get('/'));
    const spans = await spansOf(rig.plane, 2);
    assert.equal(spans.length, 2);
    assert.equal(told(rig.upstream.requests[1]).flags, '02');
    assert.deepEqual(
      spans.map(({ traceId }) => hexOf(traceId)),
      Array.from({ length: 2 }, () => told(rig.upstream.requests[1]).traceId),
    );
    assert.equal(plain(spans[0]?.attributes ?? [])['turnpike.kept'], 'error');
    assert.equal(spans[0]?.status?.code, 'STATUS_CODE_ERROR');
  });

  it('goes through untouched where traces are not configured', async (t) => {
    const rig = await tracing(t, { upstream: OK });
    const untouched = await scriptedUpstream(OK);
    t.after(() => untouched.close());
    const client = await rig.client();
    await rig.plane.apply({
      listeners: { web: { address: '127.0.0.1:0' } },
      services: { main: { endpoints: [untouched.url] } },
      routes: { main: { match: { path: '/*' }, service: 'main' } },
    });
    await client.ask(get('/', SENT, 'tracestate: a=1', 'baggage: user=7'));
    const [talk] = untouched.requests;
    assert.equal(talk === undefined ? '' : fieldOf(talk, 'traceparent'), SENT.slice(13));
    assert.equal(talk === undefined ? '' : fieldOf(talk, 'tracestate'), 'a=1');
    const [line] = await rig.plane.lines(1);
    assert.equal(line?.['traceId'], undefined);
  });

  it('goes to services with HTTP/2, and to those of gRPC', async (t) => {
    const seen: Record<string, unknown>[] = [];
    const { port } = await http2Upstream(t, (stream, headers) => {
      seen.push({ ...headers });
      const isGrpc = headers['content-type'] === 'application/grpc';
      const head = isGrpc ? { 'content-type': 'application/grpc', 'grpc-status': '14' } : { ':status': 204 };
      stream.respond(head, { endStream: true });
    });
    const service = { endpoints: [`http://127.0.0.1:${port}`], connections: { http2: 'always' } };
    const rig = await tracing(t, { upstream: OK, service });
    const client = await rig.client();
    await client.ask(get('/', SENT));
    await client.ask(
      request('POST /a.B/C', [SENT, 'Content-Type: application/grpc', 'TE: trailers'], '\0\0\0\0\0'),
    );
    assert.deepEqual(
      seen.map(({ traceparent }) => parts(String(traceparent)).traceId),
      [TRACE, TRACE],
    );
    const spans = await spansOf(rig.plane, 4);
    assert.deepEqual(
      seen.map(({ traceparent }) => parts(String(traceparent)).spanId),
      [hexOf(spans[1]?.spanId), hexOf(spans[3]?.spanId)],
    );
    assert.equal(plain(spans[1]?.attributes ?? [])['network.protocol.version'], '2');
    const call = plain(spans[2]?.attributes ?? []);
    assert.equal(call['rpc.grpc.status_code'], 14);
    assert.equal(spans[2]?.status?.code, 'STATUS_CODE_ERROR');
  });
});
