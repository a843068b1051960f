// gRPC calls to real HTTP/2 servers: what their statuses mean for health, retries and the record.
import assert from 'node:assert/strict';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import type { RetryConfig } from '@turnpike/config';
import { TAKEN, type BodySource } from '../../src/core/body.ts';
import { BodyOfReads } from '../../src/core/body-testing.ts';
import { exchangeFrom } from '../../src/core/exchange-testing.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import { headersOf } from '../../src/core/headers.ts';
import { systemClock } from '../../src/core/ports.ts';
import { random } from '../../src/core/random.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { EndpointStates } from '../../src/upstream/balance/endpoint-states.ts';
import { forward } from '../../src/upstream/forward.ts';
import { ONE_RETRY } from '../../src/upstream/resilience/retry-testing.ts';
import { Services } from '../../src/upstream/services.ts';
import { PLAIN_ROUTE, PLAIN_SERVICE, plainPorts } from '../../src/upstream/upstream-testing.ts';
import { ClientConnection } from '../../src/wire/http1/client-connection.ts';
import { upstream, type OnStream, type Upstream } from '../http2/fixture.ts';

/** What came of a call. */
interface Outcome {
  readonly status: number | string;
  readonly text: string;
  readonly grpcStatus: number;
  readonly exchange: Exchange;
}

/** A service of endpoints that each do as the test says. */
async function world(t: TestContext, steps: readonly OnStream[], retry: Partial<RetryConfig> | null = {}) {
  const servers: Upstream[] = [];
  for (const step of steps) servers.push(await upstream(t, step));
  const wheel = new TimingWheel(systemClock.now);
  const stop = wheel.start();
  const states = new EndpointStates(EndpointStates.allocate(steps.length, 1), 0);
  const ports = {
    ...plainPorts(),
    wheel,
    states,
    random: random(1),
    connect: (home: ConstructorParameters<typeof ClientConnection>[0]) => new ClientConnection(home),
  };
  const services = new Services(ports, () => null);
  const members = servers.map(({ port }, slot) => ({
    url: `grpc://127.0.0.1:${port}`,
    port,
    host: '127.0.0.1',
    weight: 1,
    zone: null,
    priority: 0,
    isDraining: false,
    slot,
  }));
  const rules = {
    consecutiveFailures: 3,
    intervalMs: 10_000,
    ejectMs: 60_000,
    maxEjectMs: 60_000,
    maxEjectedPercent: 50,
  };
  services.apply([{ ...PLAIN_SERVICE, balancer: { kind: 'round-robin' }, outlierDetection: rules, members }]);
  const service = services.get('main') ?? assert.fail();
  const route = { ...PLAIN_ROUTE, service, retry: retry === null ? null : { ...ONE_RETRY, ...retry } };
  const handle = forward(route, ports);
  t.after(() => {
    services.close();
    stop();
  });

  return {
    servers,
    states,
    async call(body: BodySource | string = new BodyOfReads([Buffer.from('hello')])): Promise<Outcome> {
      const headers = headersOf(['Content-Type', 'application/grpc'], ['TE', 'trailers']);
      const startedAtMs = wheel.touch();
      const exchange = exchangeFrom({
        method: 'POST',
        path: '/a.B/C',
        query: '',
        headers,
        body,
        startedAtMs,
      });
      try {
        const reply = await handle(exchange);
        const text = await textOf(reply.body);
        return { status: reply.status, text, grpcStatus: exchange.record.grpcStatus, exchange };
      } catch (error) {
        const status = error instanceof Error && 'code' in error ? String(error.code) : String(error);
        return { status, text: '', grpcStatus: exchange.record.grpcStatus, exchange };
      } finally {
        exchange.end();
      }
    },
  };
}

function textOf(body: BodySource | string | null): Promise<string> {
  if (body === null || typeof body === 'string') return Promise.resolve(body ?? '');
  return new Promise((resolve, reject) => {
    let text = '';
    body.readTo({
      write(chunk) {
        text += chunk.toString('latin1');
        return TAKEN;
      },
      flush() {},
      end: () => resolve(text),
      fail: reject,
    });
  });
}

const FIRST_STREAM = 1;
const GRPC = { ':status': 200, 'content-type': 'application/grpc' };

/** A status and nothing else. */
function only(code: number, fields: Record<string, string> = {}): OnStream {
  return (stream) => {
    stream.respond({ ...GRPC, 'grpc-status': String(code), ...fields }, { endStream: true });
  };
}

/** What came in, and then a status. */
function echo(code: number): OnStream {
  return (stream) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.on('end', () => {
      stream.respond(GRPC, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code) }));
      stream.end(text);
    });
  };
}

/** One after the other; the last for all that follow. */
function inTurn(...steps: readonly OnStream[]): OnStream {
  let at = 0;
  return (...args) => steps[Math.min(at++, steps.length - 1)]?.(...args);
}

describe('the status of a gRPC call', () => {
  const table: readonly [string, OnStream, number, boolean][] = [
    ['OK in the trailers', echo(0), 0, false],
    ['UNAVAILABLE and nothing else', only(14), 14, true],
    ['UNAVAILABLE after messages', echo(14), 14, true],
    ['UNAVAILABLE with a pause', only(14, { 'grpc-retry-pushback-ms': '1' }), 14, false],
    ['INTERNAL', only(13), 13, false],
    ['RESOURCE_EXHAUSTED', only(8), 8, false],
    ['DEADLINE_EXCEEDED after a moment', only(4), 4, false],
    ['a number that nobody knows', only(99), 2, false],
    ['a 503 without one', (stream) => stream.respond({ ':status': 503 }, { endStream: true }), 14, true],
    ['a 404 without one', (stream) => stream.respond({ ':status': 404 }, { endStream: true }), 12, false],
    [
      'one in the head with an end of its own',
      (stream) => {
        stream.respond({ ...GRPC, 'grpc-status': '7' });
        stream.end();
      },
      7,
      false,
    ],
    [
      'none at all',
      (stream) => {
        stream.respond(GRPC);
        stream.end('x');
      },
      2,
      false,
    ],
  ];
  for (const [what, step, expected, isFailure] of table) {
    it(`is known, and ${isFailure ? 'speaks' : 'does not speak'} against the endpoint: ${what}`, async (t) => {
      const { call, states } = await world(t, [step, echo(0)], null);
      const seen = new Set<number>();
      for (let i = 0; i < 8; i++) seen.add((await call()).grpcStatus);
      assert.deepEqual(seen, new Set([expected, 0]));
      assert.equal(states.condition(0, systemClock.now()) === 'ejected', isFailure);
    });
  }

  it('is a failure when the call breaks off', async (t) => {
    const { call, states } = await world(
      t,
      [
        (stream) => {
          stream.respond(GRPC);
          stream.write('x', () => stream.session?.destroy());
        },
        echo(0),
      ],
      null,
    );
    for (let i = 0; i < 8; i++) await call();
    assert.equal(states.condition(0, systemClock.now()), 'ejected');
  });
});

describe('retries of gRPC calls', () => {
  const retry = { on: ['unavailable'] } as const;

  it('send the messages again that were sent before, and then the others', async (t) => {
    let isFirst = true;
    const { call } = await world(
      t,
      [echo(0), echo(0)].map((step): OnStream => (...args) => {
        if (!isFirst) return step(...args);
        isFirst = false;
        only(14)(...args);
      }),
      retry,
    );
    const body = new BodyOfReads([Buffer.from('one ')], [Buffer.from('two ')], [Buffer.from('three')]);
    const { text, grpcStatus, exchange } = await call(body);
    assert.deepEqual([text, grpcStatus], ['one two three', 0]);
    const [lost] = exchange.record.lost ?? [];
    assert.deepEqual([lost?.outcome, lost?.next], ['unavailable', 'retry']);
  });

  it('are not made of more than is kept', async (t) => {
    const steps = [0, 1].map((): OnStream => (stream) => {
      stream.resume();
      stream.on('end', () => only(14)(stream, {}, []));
    });
    const { call } = await world(t, steps, { ...retry, bodyBytes: 10 });
    const { grpcStatus, exchange } = await call(new BodyOfReads([Buffer.alloc(11)]));
    assert.deepEqual([grpcStatus, exchange.record.attempts], [14, 1]);
    assert.equal(exchange.record.unretried, 'body');
  });

  it('are not made after the first message, nor of what the route does not name', async (t) => {
    const late = await world(t, [echo(14), echo(14)], retry);
    assert.equal((await late.call()).exchange.record.attempts, 1);
    const other = await world(t, [only(13), only(13)], retry);
    assert.equal((await other.call()).exchange.record.attempts, 1);
  });

  it('wait as long as the service wants, and not for ever', async (t) => {
    const never = await world(t, [only(14, { 'grpc-retry-pushback-ms': '-1' })], retry);
    const { exchange } = await never.call();
    assert.deepEqual([exchange.record.attempts, exchange.record.unretried], [1, 'pause']);
  });
});

describe('a gRPC call that the service gives back unseen', () => {
  const refuse = (stream: ServerHttp2Stream): void => stream.close(constants.NGHTTP2_REFUSED_STREAM);

  it('goes to another endpoint with all of its messages', async (t) => {
    const { call } = await world(t, [refuse, refuse, echo(0)]);
    const { text, exchange } = await call(new BodyOfReads([Buffer.from('a')], [Buffer.from('b')]));
    assert.equal(text, 'ab');
    assert.ok((exchange.record.lost ?? []).every(({ next }) => next === 'unsent'));
  });

  it('goes to the same one once more if there is no other', async (t) => {
    const { call } = await world(t, [inTurn(refuse, echo(0))]);
    assert.equal((await call()).text, 'hello');
    const hopeless = await world(t, [refuse]);
    const { status, exchange } = await hopeless.call();
    assert.deepEqual([status, exchange.record.attempts], ['UPSTREAM_REFUSED', 2]);
  });

  it('has failed if it streamed and nothing of it was kept', async (t) => {
    const { call } = await world(t, [refuse, echo(0)], null);
    const outcomes = [await call(), await call()].map(({ status }) => status);
    assert.deepEqual(new Set(outcomes), new Set([200, 'UPSTREAM_REFUSED']));
  });

  it('goes elsewhere when the service says goodbye to its connection', async (t) => {
    const { call, servers } = await world(t, [
      inTurn(echo(0), (stream) => stream.session?.goaway(constants.NGHTTP2_NO_ERROR, FIRST_STREAM), echo(0)),
    ]);
    assert.equal((await call()).text, 'hello');
    assert.equal((await call()).text, 'hello');
    assert.equal(servers[0]?.sessions.length, 2);
  });
});
