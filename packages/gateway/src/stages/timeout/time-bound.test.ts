import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UNKNOWN_LENGTH, type BodySource } from '../../core/body.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { timeout } from './timeout.ts';

const STREAM: BodySource = { length: UNKNOWN_LENGTH, readTo() {}, resume() {}, cancel() {} };
const NOTHING = { status: 200, headers: headersOf(), body: null, code: '', tunnel: null } as const;
const EVENTS: Reply = {
  ...NOTHING,
  headers: headersOf(['Content-Type', 'text/event-stream']),
  body: STREAM,
};

/** A route that waits for 1000 ms, and a clock of its own. */
function route() {
  let nowMs = 1000;
  const wheel = new TimingWheel(() => nowMs);
  const bounded = timeout({ timeoutMs: 1000, deadlineHeader: null }, wheel)(() => Promise.resolve(NOTHING));
  return {
    async begin(...fields: (readonly [string, string])[]): Promise<Exchange> {
      const exchange = exchangeFrom({ headers: headersOf(...fields), startedAtMs: wheel.touch() });
      await bounded(exchange);
      return exchange;
    },
    pass(ms: number): void {
      for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 20) wheel.advance();
      wheel.advance();
    },
  };
}

describe('the time of an exchange', () => {
  it('ends with the time of the route, and the work with it', async () => {
    const { begin, pass } = route();
    const exchange = await begin();
    pass(900);
    assert.equal(exchange.cancelled, null);
    pass(200);
    assert.equal(exchange.cancelled, 'DEADLINE_EXCEEDED');
  });

  it('is not that of the one before', async () => {
    const { begin, pass } = route();
    const first = await begin();
    pass(900);
    first.end();
    const second = await begin();
    pass(900);
    assert.equal(first.cancelled, null);
    assert.equal(second.cancelled, null);
    pass(200);
    assert.equal(first.cancelled, null);
    assert.equal(second.cancelled, 'DEADLINE_EXCEEDED');
  });

  it('bounds several at once, each from its own beginning', async () => {
    const { begin, pass } = route();
    const exchanges: Exchange[] = [];
    for (let i = 0; i < 5; i++) {
      exchanges.push(await begin());
      pass(300);
    }
    assert.deepEqual(
      exchanges.map(({ cancelled }) => cancelled !== null),
      [true, true, false, false, false],
    );
  });

  it('does not end what is made to go on, nor what speaks another protocol', async () => {
    const { begin, pass } = route();
    const [events, socket] = [await begin(), await begin()];
    events.reply = EVENTS;
    socket.reply = { ...NOTHING, status: 101, tunnel: { start() {} } };
    pass(5000);
    assert.equal(events.cancelled, null);
    assert.equal(socket.cancelled, null);
  });

  it('ends what is made to go on when the caller waits no longer', async () => {
    const { begin, pass } = route();
    const exchange = await begin(['connect-timeout-ms', '3000']);
    exchange.reply = EVENTS;
    pass(2900);
    assert.equal(exchange.cancelled, null);
    pass(200);
    assert.equal(exchange.cancelled, 'DEADLINE_EXCEEDED');
  });
});
