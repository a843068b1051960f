import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { random } from '../../core/random.ts';
import { alertMessage } from './alert-message.ts';
import { alertWith } from './alerts-testing.ts';
import { WebhookQueue } from './webhook-queue.ts';

type Answer = readonly [status: number, retryAfter?: string] | 'silence';

/** A queue to somebody who answers so, then with 200, and whose pauses end at once. */
function queueTo(...answers: readonly Answer[]) {
  const clock = manualClock();
  const [posted, outcomes]: [string[], string[]] = [[], []];
  const [logged, settled]: [string[], string[]] = [[], []];
  const pauses: number[] = [];
  const left = [...answers];
  const note = (message: string, fields?: object): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const queue = new WebhookQueue('http://hooks.example/hidden', {
    post: async (url, { body }) => {
      posted.push(body);
      const answer = left.shift() ?? [200];
      if (answer === 'silence') throw new Error(`no answer from ${url}`);
      const [status, retryAfter] = answer;
      return { status, headers: new Map(retryAfter === undefined ? [] : [['retry-after', retryAfter]]) };
    },
    after: (ms, callBack) => {
      pauses.push(ms);
      clock.advance(ms);
      callBack();
      return () => {};
    },
    clock,
    random: random(1),
    log: { debug: note, info: note, warn: note, error: note },
    count: (outcome) => outcomes.push(outcome),
  });
  const isOver = async (): Promise<void> => {
    while (!queue.isIdle) await Promise.resolve();
  };
  const add = (body: string): void => queue.add({ alert: 'a', body }, () => settled.push(body));
  return { queue, add, posted, pauses, outcomes, logged, settled, isOver };
}

describe('messages about alerts', () => {
  it('go out in their order', async () => {
    const { add, posted, outcomes, isOver } = queueTo();
    for (const body of ['1', '2', '3']) add(body);
    await isOver();
    assert.deepEqual(posted, ['1', '2', '3']);
    assert.deepEqual(outcomes, ['delivered', 'delivered', 'delivered']);
  });

  it('are sent again with growing pauses, and never name the address', async () => {
    const { add, posted, pauses, outcomes, logged, isOver } = queueTo([503], 'silence', [500], [408]);
    add('1');
    await isOver();
    assert.deepEqual(posted, ['1', '1', '1', '1', '1']);
    assert.deepEqual(outcomes, ['delivered']);
    for (const [i, ms] of pauses.entries()) {
      assert.ok(ms >= 800 * 2 ** i && ms <= 1200 * 2 ** i, `${i}: ${ms}`);
    }
    assert.equal(logged.length, 1);
    assert.doesNotMatch(logged.join(''), /hidden/);
  });

  it('wait as long as the receiver asks', async () => {
    const at = new Date(1_700_000_000_000 + 600_000).toUTCString();
    const { add, pauses, isOver } = queueTo([429, '90'], [503, at]);
    add('1');
    await isOver();
    assert.equal(pauses[0], 90_000);
    assert.equal(pauses[1], 510_000);
  });

  it('are not sent again if they were refused', async () => {
    const { add, posted, outcomes, settled, isOver } = queueTo([404], [302]);
    add('1');
    add('2');
    add('3');
    await isOver();
    assert.deepEqual(posted, ['1', '2', '3']);
    assert.deepEqual(outcomes, ['refused', 'refused', 'delivered']);
    assert.deepEqual(settled, ['1', '2', '3']);
  });

  it('are given up after an hour', async () => {
    const { add, outcomes, isOver } = queueTo(...Array<Answer>(1000).fill('silence'));
    add('1');
    await isOver();
    assert.deepEqual(outcomes, ['dropped']);
  });

  it('are given up if the receiver wants them after more than an hour', async () => {
    const { add, pauses, outcomes, isOver } = queueTo([429, '999999999']);
    add('1');
    await isOver();
    assert.deepEqual([outcomes, pauses], [['dropped'], []]);
  });

  it('wait in a bounded queue, of which the oldest go first', async () => {
    const { add, posted, outcomes, isOver } = queueTo();
    for (let i = 0; i < 100; i++) add(String(i));
    await isOver();
    assert.deepEqual(posted.slice(0, 2), ['0', '36']);
    assert.equal(posted.length, 65);
    assert.equal(outcomes.filter((one) => one === 'dropped').length, 35);
  });

  it('have one more try when the gateway stops', async () => {
    const { queue, add, posted, outcomes, settled } = queueTo('silence', 'silence');
    add('1');
    add('2');
    await queue.close(2000);
    assert.deepEqual(posted.length, 2);
    assert.deepEqual(outcomes, ['dropped', 'dropped']);
    assert.deepEqual(settled, [], 'nobody has heard of them');
  });
});

describe('the shape of a message', () => {
  const startedAtMs = Date.UTC(2027, 0, 1);
  const facts = { source: 'gw-1', epochMs: startedAtMs + 60_000 };
  const news = { kind: 'firing', severity: 'page', startedAtMs, text: 'a < b & c', value: 20 } as const;
  const bodyOf = (shape: 'generic' | 'slack' | 'pagerduty', kind: 'firing' | 'resolved') => {
    const key = shape === 'pagerduty' ? 'k' : null;
    const alert = alertWith({ webhook: { shape, secret: 'http://hooks.example', key } });
    return JSON.parse(alertMessage(alert, { ...news, kind }, facts).body);
  };

  it('is ours', () => {
    const startedAt = '2027-01-01T00:00:00.000Z';
    const body = {
      version: 1,
      alert: 'orders',
      severity: 'page',
      text: 'a < b & c',
      value: 20,
      source: 'gw-1',
    };
    assert.deepEqual(bodyOf('generic', 'firing'), { ...body, state: 'firing', startedAt, endedAt: null });
    const endedAt = '2027-01-01T00:01:00.000Z';
    assert.deepEqual(bodyOf('generic', 'resolved'), { ...body, state: 'resolved', startedAt, endedAt });
  });

  it('is that of Slack', () => {
    assert.deepEqual(bodyOf('slack', 'firing'), { text: '*PAGE: orders* on gw-1\na &lt; b &amp; c' });
    assert.match(bodyOf('slack', 'resolved').text, /^\*Resolved: orders\*/);
  });

  it('is an event of PagerDuty, which ends under the same key', () => {
    const firing = bodyOf('pagerduty', 'firing');
    assert.equal(firing.routing_key, 'k');
    assert.equal(firing.event_action, 'trigger');
    assert.equal(firing.payload.severity, 'critical');
    assert.equal(firing.payload.summary, 'orders: a < b & c');
    assert.deepEqual(bodyOf('pagerduty', 'resolved'), {
      routing_key: 'k',
      dedup_key: firing.dedup_key,
      event_action: 'resolve',
    });
  });
});
