import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import { countedDecisions } from '../../core/decisions-testing.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import { random } from '../../core/random.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { fault } from './fault.ts';

const REPLY: Reply = { status: 200, headers: new Headers(), body: null, code: '', tunnel: null };

function rig(config: Partial<FaultConfig>) {
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const counted = countedDecisions();
  let asked = 0;
  const wrap = fault(
    { mode: 'on', delay: null, abort: null, ...config },
    { wheel, random: random(1), decisions: counted.decisions },
  );
  assert.ok(wrap !== null);
  const handle = wrap(async () => {
    asked++;
    return REPLY;
  });
  const advance = (ms: number): void => {
    clock.advance(ms);
    wheel.advance();
  };
  return { handle, advance, counted, asked: () => asked };
}

/** Whether a promise is settled once everything that is ready has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  const over = (): void => void (isOver = true);
  promise.then(over, over);
  await new Promise((resolve) => setImmediate(resolve));
  return isOver;
}

describe('a fault', () => {
  it('delays for its time, and then goes on', async () => {
    const { handle, advance, asked, counted } = rig({ delay: { percent: 100, durationMs: 200 } });
    const reply = handle(exchangeFrom());
    advance(199);
    assert.equal(await isSettled(reply), false);
    assert.equal(asked(), 0);
    advance(60);
    assert.equal(await reply, REPLY);
    assert.deepEqual(counted.take(), ['fault denied delay']);
  });

  it('does not outlast its exchange', async () => {
    const { handle, asked } = rig({ delay: { percent: 100, durationMs: 60_000 } });
    const exchange = exchangeFrom();
    const reply = handle(exchange);
    exchange.cancel('DEADLINE_EXCEEDED');
    await assert.rejects(reply, { code: 'DEADLINE_EXCEEDED' });
    assert.equal(asked(), 0);
  });

  it('answers in place of the service, with the status of the drill', async () => {
    const { handle, asked, counted } = rig({ abort: { percent: 100, status: 418 } });
    const { status, code, body, headers } = await handle(exchangeFrom());
    assert.deepEqual([status, code, asked()], [418, 'FAULT_INJECTED', 0]);
    assert.match(String(body), /"status":418.*"rule":"fault.abort"/);
    assert.equal(headers.get('proxy-status'), 'turnpike; error=proxy_internal_response');
    assert.deepEqual(counted.take(), ['fault denied abort']);
  });

  it('comes as often as its share says', async () => {
    const { handle, asked } = rig({ abort: { percent: 0.5, status: 503 } });
    for (let i = 0; i < 100_000; i++) await handle(exchangeFrom());
    const failed = 100_000 - asked();
    assert.ok(failed > 400 && failed < 600, `${failed}`);
    const never = rig({ abort: { percent: 0, status: 503 }, delay: { percent: 0, durationMs: 1 } });
    for (let i = 0; i < 1000; i++) await never.handle(exchangeFrom());
    assert.equal(never.asked(), 1000);
  });

  it('that only reports changes nothing', async () => {
    const { handle, counted } = rig({
      mode: 'report',
      delay: { percent: 100, durationMs: 60_000 },
      abort: { percent: 100, status: 503 },
    });
    assert.equal(await handle(exchangeFrom()), REPLY);
    assert.deepEqual(counted.take(), ['fault reported delay', 'fault reported abort']);
  });
});
