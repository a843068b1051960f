// Replies that begin well and break off: the client sees it at once, and so do those who judge endpoints and services.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  answer,
  chunkedReply,
  IncompleteMessage,
  partial,
  reply,
  type Step,
  type Talk,
} from '@turnpike/testkit';
import { codeOf, gateway, get } from '../wire/fixture.ts';
import { cluster, type Cluster } from './cluster.ts';

const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';
const HALF_CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n';
const EVENTS =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n';

/** How a body breaks off, and whether that speaks against its endpoint. */
const BREAKS: readonly [what: string, step: Step, counts: boolean][] = [
  ['a body that is reset', partial(HALF, 'reset'), true],
  ['a body that ends too early', partial(HALF, 'fin'), true],
  ['chunks that end too early', partial(HALF_CHUNKED, 'fin'), true],
  ['chunks that are none', answer(`${HALF_CHUNKED}garbage`), true],
  ['a body that does not go on', partial(HALF, 'stall'), true],
  ['a stream of events that ends somehow', partial(EVENTS, 'fin'), false],
  ['a body that is complete', answer(chunkedReply(['whole'])), false],
  ['a body that ends with its connection', partial('HTTP/1.1 200 OK\r\n\r\nall', 'fin'), false],
];

/** Requests that came to the first endpoint, which does as the test says; the second is well. */
async function setUp(t: Parameters<typeof cluster>[0], step: Step): Promise<Cluster & { sent: Send }> {
  const urls: string[] = [];
  const rig = await cluster(t, {
    step: (talk: Talk) => (isFirst(talk, urls) ? step(talk) : answer(reply('well'))(talk)),
    service: {
      timeouts: { idle: '100ms' },
      outlierDetection: { consecutiveFailures: 3, ejectFor: '5m' },
    },
  });
  urls.push(...rig.upstreams.map(({ url }) => url));
  return { ...rig, sent: (requests) => sendTo(rig, requests) };
}

type Send = (requests: number) => Promise<number>;

/** Sends so many requests, each on a connection of its own; gives how many came to the first endpoint. */
async function sendTo({ client, arrivals }: Cluster, requests: number): Promise<number> {
  const before = arrivals.length;
  for (let i = 0; i < requests; i++) {
    const browser = await client();
    await browser.ask(get()).catch((error: unknown) => assert.ok(error instanceof IncompleteMessage));
  }
  return arrivals.slice(before).filter(({ endpoint }) => endpoint === 0).length;
}

function isFirst({ socket }: Talk, [first = '']: readonly string[]): boolean {
  return new URL(first).port === String(socket.localPort);
}

describe('an endpoint whose replies break off', () => {
  for (const [what, step, counts] of BREAKS) {
    it(`is ${counts ? '' : 'not '}ejected for ${what}`, async (t) => {
      const { sent } = await setUp(t, step);
      assert.equal(await sent(6), 3);
      assert.equal(await sent(6), counts ? 0 : 3);
    });
  }

  it('is told of in the access log and the metrics', async (t) => {
    const { sent, plane } = await setUp(t, partial(HALF, 'reset'));
    await sent(2);
    const lines = await plane.lines(2);
    const broken = lines.find(({ code }) => code === 'UPSTREAM_INCOMPLETE');
    assert.deepEqual([broken?.['status'], broken?.['attempts']], [200, 1]);
    assert.match(plane.metrics(), /turnpike_upstream_attempts_total\{service="main",outcome="failed"\} 1/);
  });
});

describe('a service whose replies break off', () => {
  it('opens its breaker', async (t) => {
    const { client } = await gateway(t, {
      upstream: partial(HALF, 'reset'),
      service: {
        outlierDetection: 'off',
        circuitBreaker: { failureRate: '50%', minimumRequests: 4, window: '60s', openFor: '1m' },
      },
    });
    for (let i = 0; i < 4; i++) await assert.rejects((await client()).ask(get()), IncompleteMessage);
    assert.equal(codeOf(await (await client()).ask(get())), 'BREAKER_OPEN');
  });

  it('keeps it closed when it is the clients who leave', async (t) => {
    const { client } = await gateway(t, {
      upstream: partial(HALF, 'stall'),
      service: { circuitBreaker: { failureRate: '50%', minimumRequests: 4, window: '60s', openFor: '1m' } },
    });
    for (let i = 0; i < 8; i++) {
      const browser = await client();
      await browser.send(get());
      await browser.received(HALF.length);
      browser.destroy();
    }
    const browser = await client();
    await browser.send(get());
    await browser.received(HALF.length);
  });
});
