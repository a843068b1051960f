import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOf, get } from '../wire/fixture.ts';
import { saysIts, twoServices } from './fixture.ts';

const always = { percent: 100, status: 503 };

describe('a drill', () => {
  it('looks like a service that is down: the breaker opens', async (t) => {
    const { upstream, client } = await twoServices(t, {
      main: saysIts('main'),
      other: saysIts('other'),
      service: { circuitBreaker: { minimumRequests: 2, openFor: '1m' } },
      route: { policies: { fault: { abort: always } } },
    });
    const browser = await client();
    const codes = [];
    for (let i = 0; i < 3; i++) codes.push(codeOf(await browser.ask(get('/'))));
    assert.deepEqual(codes, ['FAULT_INJECTED', 'FAULT_INJECTED', 'BREAKER_OPEN']);
    assert.equal(upstream.requests.length, 0);
  });

  it('has the fallback answer, which is not part of it', async (t) => {
    const { client } = await twoServices(t, {
      main: saysIts('main'),
      other: saysIts('other'),
      route: { policies: { fault: { abort: always }, fallback: { service: 'other' } } },
    });
    assert.equal((await (await client()).ask(get('/'))).body.toString(), 'other');
  });

  it('looks like a service that is slow: the timeout of the route ends it', async (t) => {
    const { upstream, client } = await twoServices(t, {
      main: saysIts('main'),
      other: saysIts('other'),
      route: { policies: { timeout: '50ms', fault: { delay: { percent: 100, duration: '10m' } } } },
    });
    assert.equal(codeOf(await (await client()).ask(get('/'))), 'DEADLINE_EXCEEDED');
    assert.equal(upstream.requests.length, 0);
  });

  it('ends with the client that waits for it', async (t) => {
    const { plane, client } = await twoServices(t, {
      main: saysIts('main'),
      other: saysIts('other'),
      route: { policies: { fault: { delay: { percent: 100, duration: '10m' } } } },
    });
    const browser = await client();
    await browser.send(get('/'));
    browser.reset();
    assert.equal((await plane.lines(1))[0]?.['code'], 'CLIENT_CLOSED');
  });
});
