import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually, fieldOf, reset, stall } from '@turnpike/testkit';
import { get, request } from '../wire/fixture.ts';
import { saysIts, twoServices } from './fixture.ts';

const policies = { mirror: { service: 'other', percent: 100 } };

describe('a mirror', () => {
  it('sends copies to another service, which are in no log', async (t) => {
    const { plane, upstream, other, client } = await twoServices(t, {
      main: saysIts('main'),
      other: saysIts('other'),
      route: { policies },
    });
    const browser = await client();
    const forged = 'X-Turnpike-Mirror: 1';
    assert.equal((await browser.ask(request('POST /a?b', [forged], 'hello'))).body.toString(), 'main');
    assert.equal((await browser.ask(request('PUT /c', [], 'y'.repeat(50_000)))).body.toString(), 'main');
    const [first, second] = [await other.request(0), await other.request(1)];
    assert.deepEqual([first.method, first.target, second.target], ['POST', '/a?b', '/c']);
    assert.equal((await first.whole()).body.toString(), 'hello');
    assert.equal((await second.whole()).body.toString(), 'y'.repeat(50_000));
    assert.equal(fieldOf(first, 'x-turnpike-mirror'), '1');
    assert.ok(fieldOf(first, 'x-forwarded-for') !== undefined);
    const original = await upstream.request(0);
    assert.equal(fieldOf(original, 'x-turnpike-mirror'), undefined);
    assert.equal(fieldOf(first, 'x-request-id'), `${fieldOf(original, 'x-request-id')}-mirror`);
    await browser.ask(get('/last'));
    assert.deepEqual(
      (await plane.lines(3)).map(({ service, attempts }) => [service, attempts]),
      [
        ['main', 1],
        ['main', 1],
        ['main', 1],
      ],
    );
    await eventually(() => plane.inflight() === 0, 'the end of all copies');
  });

  it('does not copy bodies that are large or do not say how long they are', async (t) => {
    const { other, client } = await twoServices(t, {
      main: saysIts('main'),
      other: saysIts('other'),
      route: { policies },
    });
    const browser = await client();
    await browser.ask(request('POST /large', [], 'x'.repeat(65_537)));
    await browser.ask(`${request('POST /chunked', ['Transfer-Encoding: chunked'])}1\r\nx\r\n0\r\n\r\n`);
    await browser.ask(get('/copied'));
    assert.equal((await other.request(0)).target, '/copied');
  });

  it('does not wait for a service that never answers, nor does the end of the gateway', async (t) => {
    const { plane, other, client } = await twoServices(t, {
      main: saysIts('main'),
      other: stall,
      route: { policies },
    });
    const browser = await client();
    for (let i = 0; i < 5; i++) assert.equal((await browser.ask(get('/'))).body.toString(), 'main');
    await other.request(4);
    await plane.close();
  });

  it('does not fail with its copies', async (t) => {
    const { other, client } = await twoServices(t, {
      main: saysIts('main'),
      other: reset,
      route: { policies },
    });
    const browser = await client();
    for (let i = 0; i < 5; i++) assert.equal((await browser.ask(get('/'))).status, 200);
    await other.request(4);
  });
});
