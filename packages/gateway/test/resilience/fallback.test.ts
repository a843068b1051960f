import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, early, eventually, reply, reset } from '@turnpike/testkit';
import { codeOf, get, request } from '../wire/fixture.ts';
import { saysIts, twoServices, unavailable } from './fixture.ts';

const toOther = { fallback: { service: 'other' } };

describe('a fallback', () => {
  it('answers with what the route says when the service resets, and is marked in the access log', async (t) => {
    const respond = { status: 200, body: 'spare', headers: { 'x-from': 'us' } };
    const { plane, client } = await twoServices(t, {
      main: reset,
      other: saysIts('other'),
      route: { policies: { fallback: { respond } } },
    });
    const { status, body, head } = await (await client()).ask(get('/'));
    assert.deepEqual([status, body.toString()], [200, 'spare']);
    assert.match(head, /^x-from: us$/m);
    const [line] = await plane.lines(1);
    assert.deepEqual(
      [line?.['status'], line?.['code'], line?.['service'], line?.['fallbackFor']],
      [200, undefined, 'main', 'UPSTREAM_RESET'],
    );
  });

  it('sends the request to another service when the first says that it is down', async (t) => {
    const { other, plane, client } = await twoServices(t, {
      main: unavailable,
      other: saysIts('other'),
      route: { policies: toOther },
    });
    const browser = await client();
    const { status, body } = await browser.ask(request('POST /orders?a=b', ['X-Mine: 1'], 'hello'));
    assert.deepEqual([status, body.toString()], [200, 'other']);
    const sent = await other.request(0);
    assert.deepEqual([sent.method, sent.target], ['POST', '/orders?a=b']);
    assert.equal((await sent.whole()).body.toString(), 'hello');
    const [line] = await plane.lines(1);
    assert.deepEqual([line?.['service'], line?.['fallbackFor']], ['other', '503']);
  });

  it('answers without asking while the breaker is open', async (t) => {
    const { upstream, client } = await twoServices(t, {
      main: unavailable,
      other: saysIts('other'),
      service: { circuitBreaker: { minimumRequests: 1, openFor: '1m' } },
      route: { policies: toOther },
    });
    const browser = await client();
    for (let i = 0; i < 5; i++) assert.equal((await browser.ask(get('/'))).body.toString(), 'other');
    assert.equal(upstream.requests.length, 1);
  });

  it('sends a body on that was kept whole for another attempt', async (t) => {
    const { other, client } = await twoServices(t, {
      main: unavailable,
      other: saysIts('other'),
      route: { policies: toOther },
    });
    const body = 'x'.repeat(50_000);
    const { status } = await (await client()).ask(request('PUT /orders', [], body));
    assert.equal(status, 200);
    assert.equal((await (await other.request(0)).whole()).body.toString(), body);
  });

  it('gives back what the first service held, while the other one still answers', async (t) => {
    const long = (status: string) => `HTTP/1.1 ${status}\r\nContent-Length: 100000\r\n\r\nand so on`;
    const { plane, upstream, other, client } = await twoServices(t, {
      main: early(long('503 Service Unavailable')),
      other: early(long('200 OK')),
      service: { concurrency: 1 },
      route: { policies: toOther },
    });
    const first = await client();
    await first.send(get('/'));
    await first.received(1);
    assert.equal(plane.inflight(), 1);
    const second = await client();
    await second.send(get('/'));
    await second.received(1);
    assert.deepEqual([upstream.requests.length, other.requests.length, plane.inflight()], [2, 2, 2]);
    first.reset();
    second.reset();
    await eventually(() => plane.inflight() === 0, 'the end of both');
  });

  it('leaves a streamed body alone of which the first service got a part', async (t) => {
    const { other, client } = await twoServices(t, {
      main: unavailable,
      other: saysIts('other'),
      route: { policies: toOther },
    });
    const large = 'x'.repeat(200_000);
    assert.equal((await (await client()).ask(request('POST /', [], large))).status, 503);
    assert.equal(other.requests.length, 0);
  });

  it('gives a streamed body to the other service when the first cannot be reached', async (t) => {
    const { upstream, other, client } = await twoServices(t, {
      main: saysIts('main'),
      other: saysIts('other'),
      route: { policies: toOther },
    });
    await upstream.close();
    const large = 'x'.repeat(200_000);
    assert.equal((await (await client()).ask(request('POST /', [], large))).body.toString(), 'other');
    assert.equal((await (await other.request(0)).whole()).body.length, 200_000);
  });

  it('is not for errors of the client, nor of the service itself', async (t) => {
    const { other, client } = await twoServices(t, {
      main: answer(reply('no', [], '500 Internal Server Error')),
      other: saysIts('other'),
      route: { policies: { ...toOther, limits: { bodyBytes: 10 } } },
    });
    const browser = await client();
    assert.equal((await browser.ask(get('/'))).status, 500);
    const refused = await browser.ask(request('POST /', [], 'x'.repeat(11)));
    assert.equal(codeOf(refused), 'BODY_TOO_LARGE');
    assert.equal(other.requests.length, 0);
  });

  it('has no answer but its own error when the other service fails as well', async (t) => {
    const { plane, client } = await twoServices(t, {
      main: unavailable,
      other: reset,
      route: { policies: toOther },
    });
    assert.equal(codeOf(await (await client()).ask(get('/'))), 'UPSTREAM_RESET');
    const [line] = await plane.lines(1);
    assert.deepEqual([line?.['service'], line?.['fallbackFor']], ['other', '503']);
  });
});
