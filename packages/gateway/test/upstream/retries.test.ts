import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RetryCondition } from '@turnpike/config';
import {
  answer,
  answerWhole,
  chunkedReply,
  early,
  eventually,
  fieldOf,
  hangUp,
  inTurn,
  partial,
  reply,
  reset,
  scriptedUpstream,
  stall,
  type Step,
} from '@turnpike/testkit';
import { codeOf, get, request } from '../wire/fixture.ts';
import { cluster, lostOf, retry } from './cluster.ts';

const OK = answer(reply('ok'));

function status(line: string, fields: readonly string[] = []): Step {
  return answer(reply('not now', fields, line));
}

/** What a first attempt may come to, the condition under which there is another, and what the log says. */
const FAILURES: Readonly<Record<string, readonly [RetryCondition, Step, string | number]>> = {
  'a reset': ['reset', reset, 'UPSTREAM_RESET'],
  'a close': ['reset', hangUp, 'UPSTREAM_RESET'],
  'half a head': ['reset', partial('HTTP/1.1 200 OK\r\nConte', 'reset'), 'UPSTREAM_RESET'],
  'what is no HTTP': ['reset', early('\x16\x03\x01 garbage\r\n\r\n'), 'UPSTREAM_INVALID'],
  'no answer in time': ['timeout', stall, 'UPSTREAM_TIMEOUT'],
  'a 500': [500, status('500 Internal Server Error'), 500],
  'a 502': [502, status('502 Bad Gateway'), 502],
  'a 503': [503, status('503 Service Unavailable'), 503],
  'a 504': [504, status('504 Gateway Timeout'), 504],
  'a 429': [429, status('429 Too Many Requests'), 429],
};

describe('retries', () => {
  for (const [what, [condition, step, outcome]] of Object.entries(FAILURES)) {
    // Long enough for an answer on a busy machine.
    const service = condition === 'timeout' ? { timeouts: { request: '1s' } } : {};

    it(`follow ${what} at another endpoint`, async (t) => {
      const { client, arrivals, plane } = await cluster(t, {
        step: inTurn(step, OK),
        service,
        policies: retry({ on: [condition] }),
      });
      const response = await (await client()).ask(get());
      assert.equal(response.status, 200);
      assert.deepEqual(
        arrivals.map(({ endpoint }) => endpoint).toSorted((a, b) => a - b),
        [0, 1],
      );
      assert.deepEqual(
        arrivals.map(({ talk }) => fieldOf(talk, 'x-gateway-attempt')),
        [undefined, '2'],
      );
      const [line] = await plane.lines(1);
      const [lost] = lostOf(line);
      assert.deepEqual([lost?.outcome, lost?.next, lost?.picked], [outcome, 'retry', 'round-robin']);
      assert.notEqual(lost?.endpoint, line?.['endpoint']);
      assert.deepEqual([line?.['attempts'], line?.['unretried']], [2, undefined]);
      assert.equal(plane.inflight(), 0);
    });

    it(`do not follow ${what} where it is not asked for`, async (t) => {
      const { client, arrivals } = await cluster(t, {
        step: inTurn(step, OK),
        service,
        policies: retry({ on: ['connect-failure'] }),
      });
      const response = await (await client()).ask(get());
      assert.notEqual(response.status, 200);
      assert.equal(arrivals.length, 1);
    });

    it(`do not follow ${what} of a POST, which may have been done`, async (t) => {
      const { client, arrivals, plane } = await cluster(t, {
        step: inTurn(step, OK),
        service,
        policies: retry({ on: [condition], attempts: 5 }),
      });
      const response = await (await client()).ask(request('POST /', [], 'order'));
      assert.notEqual(response.status, 200);
      assert.equal(arrivals.length, 1);
      const [line] = await plane.lines(1);
      assert.equal(line?.['unretried'], 'method');
    });
  }

  it('do not happen without a policy', async (t) => {
    const { client, arrivals } = await cluster(t, { step: inTurn(reset, OK) });
    assert.equal(codeOf(await (await client()).ask(get())), 'UPSTREAM_RESET');
    assert.equal(arrivals.length, 1);
  });

  it('are made of a POST where the route says so, with its body', async (t) => {
    const { client, arrivals } = await cluster(t, {
      step: inTurn(
        reset,
        answerWhole((body) => reply(body.toString())),
      ),
      policies: retry({ methods: ['POST'] }),
    });
    const response = await (await client()).ask(request('POST /', [], 'order'));
    assert.equal(response.body.toString(), 'order');
    assert.equal(arrivals.length, 2);
  });

  it('follow a time-out of one attempt, and leave its connection', async (t) => {
    const { client, upstreams, arrivals, plane } = await cluster(t, {
      step: inTurn(stall, OK),
      policies: retry({ on: [], perTryMs: 1000 }),
    });
    assert.equal((await (await client()).ask(get())).status, 200);
    const first = arrivals[0]?.endpoint ?? 0;
    await upstreams[first]?.whenIdle();
    const [line] = await plane.lines(1);
    const [lost] = lostOf(line);
    assert.equal(lost?.outcome, 'UPSTREAM_TIMEOUT');
    assert.equal(plane.inflight(), 0);
  });

  it('say which time was over when that was the last attempt', async (t) => {
    const { client, arrivals } = await cluster(t, {
      step: stall,
      policies: retry({ on: [], perTryMs: 50 }),
    });
    const response = await (await client()).ask(get());
    assert.equal(codeOf(response), 'UPSTREAM_TIMEOUT');
    assert.match(response.body.toString(), /"detail":"The time for one attempt was over"/);
    assert.equal(arrivals.length, 2);
  });

  it('end with the answer of the last attempt, and begin again with endpoints when all were tried', async (t) => {
    const { client, arrivals, plane } = await cluster(t, {
      step: inTurn(
        status('503 Service Unavailable'),
        status('503 Service Unavailable'),
        answer(reply('the last', ['X-Which: third'], '503 Service Unavailable')),
        OK,
      ),
      policies: retry({ on: [503], attempts: 3 }),
    });
    const response = await (await client()).ask(get());
    assert.deepEqual([response.status, response.body.toString()], [503, 'the last']);
    assert.equal(fieldOf(response, 'x-which'), 'third');
    const [first, second, third] = arrivals.map(({ endpoint }) => endpoint);
    assert.notEqual(first, second);
    assert.equal(first, third);
    assert.deepEqual(
      arrivals.map(({ talk }) => fieldOf(talk, 'x-gateway-attempt')),
      [undefined, '2', '3'],
    );
    const [line] = await plane.lines(1);
    assert.deepEqual([line?.['attempts'], line?.['unretried']], [3, 'attempts']);
    assert.equal(lostOf(line).length, 2);
  });

  it('go to the same endpoint when there is no other', async (t) => {
    const { client, arrivals } = await cluster(t, {
      endpoints: 1,
      step: inTurn(reset, OK),
      policies: retry(),
    });
    assert.equal((await (await client()).ask(get())).status, 200);
    assert.equal(arrivals.length, 2);
  });

  it('do not count attempts that found no connection', async (t) => {
    const gone = await scriptedUpstream(stall);
    await gone.close();
    const { client, arrivals, plane } = await cluster(t, {
      others: [gone.url],
      step: inTurn(reset, OK),
      policies: retry({ attempts: 2 }),
    });
    const connection = await client();
    for (let i = 0; i < 3; i++) assert.equal((await connection.ask(get())).status, 200);
    assert.equal(arrivals.length, 4);
    const lines = await plane.lines(3);
    const causes = lines.flatMap(lostOf);
    assert.ok(causes.some(({ next }) => next === 'unsent'));
    assert.equal(causes.filter(({ next }) => next === 'retry').length, 1);
  });

  for (const [method, body] of [
    ['GET', ''],
    ['POST', 'order'],
  ] as const) {
    it(`go on after a pause when no endpoint takes a connection, also with ${method}`, async (t) => {
      const gone = await Promise.all([scriptedUpstream(stall), scriptedUpstream(stall)]);
      await Promise.all(gone.map((upstream) => upstream.close()));
      const { client, plane } = await cluster(t, {
        endpoints: 0,
        others: gone.map(({ url }) => url),
        step: OK,
        policies: retry({ attempts: 3 }),
      });
      const response = await (await client()).ask(request(`${method} /`, [], body));
      assert.equal(codeOf(response), 'CONNECT_FAILED');
      const [line] = await plane.lines(1);
      assert.deepEqual(
        lostOf(line).map(({ next }) => next),
        // The second at once, then the first and the second after a pause each.
        ['unsent', 'retry', 'retry'],
      );
      assert.equal(line?.['unretried'], 'attempts');
      assert.equal(plane.inflight(), 0);
    });
  }

  it('only report what they would have done, where they shall', async (t) => {
    const { client, arrivals, plane } = await cluster(t, {
      step: inTurn(reset, OK),
      policies: retry({ mode: 'report' }),
    });
    assert.equal((await (await client()).ask(get())).status, 502);
    assert.equal(arrivals.length, 1);
    assert.match(
      plane.metrics(),
      /turnpike_policy_decisions_total\{.*policy="retry".*reason="UPSTREAM_RESET".*decision="reported".*\} 1/,
    );
  });
});

describe('the body of a request that is tried again', () => {
  const echo = answerWhole((body) => reply(body.toString('latin1')));
  const BYTES = Array.from({ length: 50_000 }, (_, i) => String.fromCharCode(i & 255)).join('');

  it('is the same when it came in pieces', async (t) => {
    const whole: Step = async (talk) => {
      await talk.whole();
      talk.socket.resetAndDestroy();
    };
    const { client, arrivals } = await cluster(t, { step: inTurn(whole, echo), policies: retry() });
    const connection = await client();
    await connection.send(request('PUT /', [`Content-Length: ${BYTES.length}`]));
    for (let at = 0; at < BYTES.length; at += 9000) await connection.send(BYTES.slice(at, at + 9000));
    const response = await connection.response();
    assert.equal(response.status, 200);
    assert.equal(response.body.toString('latin1'), BYTES);
    assert.equal(arrivals.length, 2);
  });

  it('is not kept when it is too large or says no length', async (t) => {
    const large = 'x'.repeat(70_000);
    const chunk = `${(5).toString(16)}\r\nhello\r\n`;
    const requests = [
      request('PUT /', [], large),
      `${request('PUT /', ['Transfer-Encoding: chunked'])}${chunk}0\r\n\r\n`,
    ];
    for (const bytes of requests) {
      const { client, arrivals, plane } = await cluster(t, { step: inTurn(reset, OK), policies: retry() });
      assert.equal((await (await client()).ask(bytes)).status, 502);
      assert.equal(arrivals.length, 1);
      const [line] = await plane.lines(1);
      assert.equal(line?.['unretried'], 'body');
    }
  });

  it('goes on at once when the method is not repeated', async (t) => {
    const { client, arrivals } = await cluster(t, { step: early(reply('early')), policies: retry() });
    const connection = await client();
    await connection.send(request('POST /', ['Content-Length: 50000']));
    await connection.send('x'.repeat(20_000));
    assert.equal((await connection.response()).body.toString(), 'early');
    assert.equal(arrivals.length, 1);
  });
});

describe('a reply that is tried again', () => {
  async function connectionsAfter(t: Parameters<typeof cluster>[0], bad: string): Promise<number> {
    const { client, upstreams } = await cluster(t, {
      endpoints: 1,
      step: inTurn(answer(bad), OK),
      policies: retry({ on: [503] }),
    });
    const connection = await client();
    for (let i = 0; i < 3; i++) assert.equal((await connection.ask(get())).status, 200);
    return upstreams[0]?.connections ?? 0;
  }

  const head = 'HTTP/1.1 503 Service Unavailable\r\n';

  it('costs no connection when it is small', async (t) => {
    const chunked = chunkedReply(['x'.repeat(5000), 'y'.repeat(5000)]).replace(/^.*?\r\n/, head);
    assert.equal(await connectionsAfter(t, reply('small', [], '503 Service Unavailable')), 1);
    assert.equal(await connectionsAfter(t, chunked), 1);
  });

  it('costs its connection when it is large', async (t) => {
    const chunked = chunkedReply(['x'.repeat(20_000), 'y'.repeat(20_000)]).replace(/^.*?\r\n/, head);
    assert.equal(await connectionsAfter(t, reply('x'.repeat(100_000), [], '503 Service Unavailable')), 2);
    assert.equal(await connectionsAfter(t, chunked), 2);
  });
});

describe('the service has a word on retries', () => {
  const unavailable = '503 Service Unavailable';
  const REFUSALS: Readonly<Record<string, string>> = {
    'a long pause': 'Retry-After: 2',
    'a date': 'Retry-After: Wed, 21 Oct 2026 07:28:00 GMT',
    'a negative push-back': 'grpc-retry-pushback-ms: -1',
    'a long push-back': 'grpc-retry-pushback-ms: 1001',
  };

  for (const [what, field] of Object.entries(REFUSALS)) {
    it(`and is left alone when it asks for ${what}`, async (t) => {
      const { client, arrivals, plane } = await cluster(t, {
        step: inTurn(status(unavailable, [field]), OK),
        policies: retry({ on: [503] }),
      });
      assert.equal((await (await client()).ask(get())).status, 503);
      assert.equal(arrivals.length, 1);
      const [line] = await plane.lines(1);
      assert.equal(line?.['unretried'], 'pause');
    });
  }

  it('and is asked again after a pause that is short enough', async (t) => {
    const { client, arrivals } = await cluster(t, {
      step: inTurn(status(unavailable, ['grpc-retry-pushback-ms: 200']), OK),
      policies: retry({ on: [503] }),
    });
    const beganMs = performance.now();
    assert.equal((await (await client()).ask(get())).status, 200);
    assert.ok(performance.now() - beganMs >= 190);
    assert.equal(arrivals.length, 2);
  });

  it('and is not when there would be no time left', async (t) => {
    const { client, arrivals, plane } = await cluster(t, {
      step: inTurn(status(unavailable, ['Retry-After: 1']), OK),
      policies: { ...retry({ on: [503] }), timeoutMs: 990 },
    });
    assert.equal((await (await client()).ask(get())).status, 503);
    assert.equal(arrivals.length, 1);
    const [line] = await plane.lines(1);
    assert.equal(line?.['unretried'], 'deadline');
  });
});

describe('a client', () => {
  it('that goes away during the pause ends the exchange', async (t) => {
    const { client, arrivals, plane } = await cluster(t, {
      step: inTurn(status('503 Service Unavailable', ['Retry-After: 1']), OK),
      policies: retry({ on: [503] }),
    });
    const connection = await client();
    await connection.send(get());
    await eventually(() => arrivals.length === 1 && plane.inflight() === 0, 'the pause');
    connection.reset();
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'CLIENT_CLOSED');
    assert.equal(arrivals.length, 1);
  });

  it('that says that it repeats already gets no retries, and its word does not go on', async (t) => {
    const { client, arrivals, plane } = await cluster(t, { step: inTurn(reset, OK), policies: retry() });
    assert.equal((await (await client()).ask(get('/', 'X-Gateway-Attempt: 2'))).status, 502);
    const [line] = await plane.lines(1);
    assert.equal(line?.['unretried'], 'layer');
    assert.equal(fieldOf(arrivals[0]?.talk ?? { fields: [] }, 'x-gateway-attempt'), undefined);
  });

  it('that is a trusted gateway is believed the number of its attempt', async (t) => {
    const { client, arrivals } = await cluster(t, {
      listener: { trustedProxies: ['127.0.0.1'] },
      step: OK,
      policies: retry(),
    });
    const connection = await client();
    for (const number of ['2', '1', 'x', '-3'])
      await connection.ask(get('/', `X-Gateway-Attempt: ${number}`));
    assert.deepEqual(
      arrivals.map(({ talk }) => fieldOf(talk, 'x-gateway-attempt')),
      ['2', undefined, undefined, undefined],
    );
  });
});

describe('the budget of retries', () => {
  const REQUESTS = 200;
  const AT_ONCE = 20;

  const OUTAGES: Readonly<Record<string, Step>> = {
    'resets everything': reset,
    'answers 503 to everything': status('503 Service Unavailable'),
  };

  for (const [what, step] of Object.entries(OUTAGES)) {
    it(`bounds what a service gets that ${what}`, async (t) => {
      const { client, arrivals, plane } = await cluster(t, {
        endpoints: 3,
        step,
        policies: retry({ attempts: 5, on: ['reset', 503] }),
      });
      let left = REQUESTS;
      const caller = async (): Promise<void> => {
        const connection = await client();
        while (left-- > 0) assert.ok((await connection.ask(get())).status >= 500);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, caller));
      const lines = await plane.lines(REQUESTS);
      const retried = lines.reduce((sum, line) => sum + Number(line['attempts']) - 1, 0);
      assert.ok(arrivals.length <= REQUESTS * 1.2, `${arrivals.length} attempts`);
      assert.ok(retried > 0);
      assert.ok(lines.some(({ unretried }) => unretried === 'budget'));
      assert.match(
        plane.metrics(),
        /turnpike_upstream_retries_refused_total\{service="main",reason="budget"\} \d+/,
      );
      assert.match(
        plane.metrics(),
        /turnpike_upstream_retries_total\{service="main",cause="(reset|503)"\} \d+/,
      );
      assert.equal(plane.inflight(), 0);
    });
  }
});
