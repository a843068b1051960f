import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, reply, reset, type RawClient } from '@turnpike/testkit';
import { codeOf, gateway, get } from '../wire/fixture.ts';
import { unavailable } from './fixture.ts';

const circuitBreaker = { failureRate: '50%', minimumRequests: 4, window: '60s', openFor: '1m' };

async function statuses(client: RawClient, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) seen.push((await client.ask(get('/'))).status);
  return seen;
}

describe('a circuit breaker', () => {
  it('spares a service that fails', async (t) => {
    const { upstream, client } = await gateway(t, { upstream: unavailable, service: { circuitBreaker } });
    const browser = await client();
    assert.deepEqual(await statuses(browser, 4), [503, 503, 503, 503]);
    const refused = await browser.ask(get('/'));
    assert.deepEqual([refused.status, codeOf(refused)], [503, 'BREAKER_OPEN']);
    assert.match(refused.head, /^Retry-After: \d+$/m);
    assert.equal(upstream.requests.length, 4);
  });

  it('finds out when the service is well again', async (t) => {
    const { upstream, client } = await gateway(t, {
      upstream: unavailable,
      service: { circuitBreaker: { ...circuitBreaker, openFor: '100ms' } },
    });
    const browser = await client();
    await statuses(browser, 5);
    upstream.script(answer(reply('well')));
    let status = 0;
    while (status !== 200) [status = 0] = await statuses(browser, 1);
    assert.deepEqual(
      await statuses(browser, 50),
      Array.from({ length: 50 }, () => 200),
    );
  });

  it('counts connections that break, and says of what it refuses which service was meant', async (t) => {
    const { plane, client } = await gateway(t, { upstream: reset, service: { circuitBreaker } });
    const browser = await client();
    assert.deepEqual(await statuses(browser, 6), [502, 502, 502, 502, 503, 503]);
    const last = (await plane.lines(6)).at(-1);
    assert.deepEqual([last?.['code'], last?.['service'], last?.['attempts']], ['BREAKER_OPEN', 'main', 0]);
  });

  it('does not count what the service says of the request', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('no', [], '500 Internal Server Error')),
      service: { circuitBreaker },
    });
    assert.deepEqual(
      await statuses(await client(), 10),
      Array.from({ length: 10 }, () => 500),
    );
  });
});
