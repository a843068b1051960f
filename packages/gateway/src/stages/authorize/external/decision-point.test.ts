import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { GatewayError } from '../../../core/errors.ts';
import type { Exchange } from '../../../core/exchange.ts';
import { callerOf } from '../../../core/identity-testing.ts';
import { TimingWheel } from '../../../core/timing-wheel.ts';
import { callOf, externalOf } from '../authorize-testing.ts';
import type { DecisionClient } from './decision-client.ts';
import { DecisionPoint } from './decision-point.ts';
import { asking, type Question } from './question.ts';
import { failed, type Allowed, type Denied, type Verdict } from './verdict.ts';

const ALLOWED: Allowed = {
  kind: 'allowed',
  upstream: [],
  added: [],
  removed: [],
  client: [],
  freshMs: Infinity,
};
const DENIED: Denied = { kind: 'denied', status: 403, headers: [], body: 'no', freshMs: Infinity };

/** One question that the client was asked. */
interface Asked {
  readonly question: Question;
  readonly answer: (verdict: Verdict) => void;
  abandoned: string;
}

function ignore(): void {}

/** A decision point whose client answers when the test says so. */
function bench(cacheMs: number) {
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const asked: Asked[] = [];
  const warnings: string[] = [];
  const client: DecisionClient = {
    ask(question, answer) {
      const one: Asked = { question, answer, abandoned: '' };
      asked.push(one);
      return { abandon: (why) => (one.abandoned = why) };
    },
    close() {},
  };
  const log = {
    debug: ignore,
    info: ignore,
    warn: (message: string) => warnings.push(message),
    error: ignore,
  };
  const point = new DecisionPoint(externalOf({ cacheMs, timeoutMs: 200 }), client, { clock, wheel, log });
  const ask = asking('orders', []);
  return {
    clock,
    asked,
    warnings,
    decide: (exchange: Exchange = callOf(callerOf())) => point.decide(exchange, ask),
    /** Lets time pass for whom it concerns. */
    pass(ms: number): void {
      clock.advance(ms);
      wheel.advance();
    },
    /** Asks, and answers with this. */
    async settle(verdict: Verdict): Promise<Verdict> {
      const promise = point.decide(callOf(callerOf()), ask);
      asked.at(-1)?.answer(verdict);
      return promise;
    },
  };
}

describe('a decision point without memory', () => {
  it('is asked for every request', async () => {
    const { decide, asked } = bench(0);
    const both = [decide(), decide()];
    asked[0]?.answer(ALLOWED);
    asked[1]?.answer(DENIED);
    assert.deepEqual(await Promise.all(both), [ALLOWED, DENIED]);
  });
});

describe('a decision point with memory', () => {
  it('remembers both verdicts for as long as it may', async () => {
    for (const verdict of [ALLOWED, DENIED]) {
      const { settle, decide, asked, clock } = bench(30_000);
      await settle(verdict);
      clock.advance(29_999);
      assert.equal(await decide(), verdict);
      assert.equal(asked.length, 1);
      clock.advance(1);
      void decide();
      assert.equal(asked.length, 2);
    }
  });

  it('forgets earlier when the answer says so', async () => {
    const { settle, decide, asked, clock } = bench(30_000);
    await settle({ ...ALLOWED, freshMs: 1000 });
    clock.advance(999);
    await decide();
    assert.equal(asked.length, 1);
    clock.advance(1);
    void decide();
    assert.equal(asked.length, 2);
  });

  it('never remembers longer than configured', async () => {
    const { settle, decide, asked, clock } = bench(1000);
    await settle({ ...ALLOWED, freshMs: 60_000 });
    clock.advance(1000);
    void decide();
    assert.equal(asked.length, 2);
  });

  it('does not remember what must not be kept: no-store, cookies and failures', async () => {
    const cookies: Verdict[] = [
      { ...DENIED, headers: [['set-cookie', 'a=1']] },
      { ...ALLOWED, client: [['set-cookie', 'a=1']] },
    ];
    for (const verdict of [{ ...ALLOWED, freshMs: 0 }, ...cookies, failed('down')]) {
      const { settle, decide, asked } = bench(30_000);
      await settle(verdict);
      void decide();
      assert.equal(asked.length, 2);
    }
  });

  it('keeps callers apart', async () => {
    const { settle, decide, asked } = bench(30_000);
    await settle(ALLOWED);
    void decide(callOf(callerOf({ key: 'corporate bob' })));
    void decide(callOf(null));
    assert.equal(asked.length, 3);
  });

  it('asks once for equal questions that come meanwhile', async () => {
    const { decide, asked } = bench(30_000);
    const all = [decide(), decide(), decide()];
    assert.equal(asked.length, 1);
    asked[0]?.answer(DENIED);
    assert.deepEqual(await Promise.all(all), [DENIED, DENIED, DENIED]);
  });

  it('goes on for those who follow when the first one leaves', async () => {
    const { decide, asked } = bench(30_000);
    const first = callOf(callerOf());
    const leader = decide(first);
    const follower = decide();
    first.cancel('CLIENT_CLOSED');
    await assert.rejects(leader, (error) => error instanceof GatewayError && error.code === 'CLIENT_CLOSED');
    assert.equal(asked[0]?.abandoned, '');
    asked[0]?.answer(ALLOWED);
    assert.equal(await follower, ALLOWED);
  });

  it('gives the question up when everybody has left, and asks anew for the next', async () => {
    const { decide, asked, pass } = bench(30_000);
    const exchanges = [callOf(callerOf()), callOf(callerOf())];
    const all = exchanges.map((exchange) => decide(exchange));
    for (const exchange of exchanges) exchange.cancel('DEADLINE_EXCEEDED');
    const [one, two] = await Promise.allSettled(all);
    assert.equal(one?.status, 'rejected');
    assert.equal(two?.status, 'rejected');
    assert.equal(asked[0]?.abandoned, 'unwanted');
    const next = decide();
    assert.equal(asked.length, 2);
    pass(190);
    asked[1]?.answer(ALLOWED);
    assert.equal(await next, ALLOWED);
  });

  it('does not wait for who has left already', async () => {
    const { decide } = bench(30_000);
    const exchange = callOf(callerOf());
    exchange.cancel('CLIENT_CLOSED');
    await assert.rejects(decide(exchange), { code: 'CLIENT_CLOSED' });
  });

  it('leaves the exchange to others when it has answered', async () => {
    const { decide, asked } = bench(0);
    const exchange = callOf(callerOf());
    const promise = decide(exchange);
    asked[0]?.answer(ALLOWED);
    await promise;
    exchange.cancel('CLIENT_CLOSED');
    assert.equal(asked[0]?.abandoned, '');
  });
});

describe('a decision point that fails', () => {
  it('has so much time and no more', async () => {
    const { decide, asked, pass } = bench(0);
    const promise = decide();
    pass(199);
    assert.equal(asked[0]?.abandoned, '');
    pass(41);
    assert.deepEqual(await promise, failed('timeout'));
    assert.equal(asked[0]?.abandoned, 'late');
    asked[0]?.answer(ALLOWED);
  });

  it('is spared for a second after five failures in a row, then one question decides', async () => {
    const { decide, settle, asked, clock, warnings } = bench(0);
    for (let i = 0; i < 5; i++) await settle(failed('down'));
    assert.equal((await decide()).kind, 'failed');
    assert.equal(asked.length, 5);
    assert.equal(warnings.length, 1);
    clock.advance(1000);
    const probe = decide();
    assert.equal((await decide()).kind, 'failed');
    assert.equal(asked.length, 6);
    asked[5]?.answer(DENIED);
    assert.equal(await probe, DENIED);
    assert.equal(await settle(ALLOWED), ALLOWED);
  });

  it('still has its memory while it is spared', async () => {
    const { decide, settle, asked } = bench(30_000);
    await settle(ALLOWED);
    for (let i = 0; i < 5; i++) {
      const promise = decide(callOf(callerOf({ key: `k${i}` })));
      asked.at(-1)?.answer(failed('down'));
      assert.equal((await promise).kind, 'failed');
    }
    assert.equal((await decide(callOf(null))).kind, 'failed');
    assert.equal(asked.length, 6);
    assert.equal(await decide(), ALLOWED);
  });

  it('answers at once when the client could not even ask', async () => {
    const { clock } = bench(0);
    const wheel = new TimingWheel(() => clock.now());
    const client: DecisionClient = {
      ask(_, answered) {
        answered(failed('no connection'));
        return { abandon: () => assert.fail('there is nothing to abandon') };
      },
      close() {},
    };
    const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    const point = new DecisionPoint(externalOf({ cacheMs: 1000 }), client, { clock, wheel, log });
    assert.deepEqual(await point.decide(callOf(null), asking('r', [])), failed('no connection'));
  });
});
