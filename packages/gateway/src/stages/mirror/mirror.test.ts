import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MirrorConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import type { Body, BodySink, BodySource } from '../../core/body.ts';
import { countedDecisions } from '../../core/decisions-testing.ts';
import { GatewayError } from '../../core/errors.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { Headers, headersOf } from '../../core/headers.ts';
import { random } from '../../core/random.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { Copies } from './copies.ts';
import { mirror } from './mirror.ts';

const replyOf = (body: Body = null): Reply => ({
  status: 200,
  headers: new Headers(),
  body,
  code: '',
  tunnel: null,
});
const REPLY = replyOf();

function rig(config: Partial<MirrorConfig> = {}, answer: Handler = async () => replyOf(), most = 10) {
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const counted = countedDecisions();
  const copies = new Copies(most);
  const sent: Exchange[] = [];
  const wrap = mirror(
    { mode: 'on', service: 'shadow', percent: 100, bodyBytes: 10, ...config },
    {
      send: (copy) => {
        sent.push(copy);
        return answer(copy);
      },
      copies,
      wheel,
      random: random(3),
      decisions: counted.decisions,
    },
  );
  assert.ok(wrap !== null);
  const served: Exchange[] = [];
  const handle = wrap(async (exchange) => {
    served.push(exchange);
    return REPLY;
  });
  const advance = (ms: number): void => {
    clock.advance(ms);
    wheel.advance();
  };
  return { handle, sent, served, counted, copies, advance };
}

/** A body that comes when it is told to, from when it is read. */
function bodyOf(length: number) {
  const log: string[] = [];
  let sink: BodySink | null = null;
  const body: BodySource = {
    length,
    readTo: (next) => void (sink = next),
    resume() {},
    cancel: () => void log.push('cancelled'),
  };
  const reading = (): BodySink => {
    assert.ok(sink !== null, 'nobody reads');
    return sink;
  };
  return { body, log, reading };
}

const nothing: BodySink = { write: () => 0, flush() {}, end() {}, fail() {} };
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a mirror', () => {
  it('sends a copy under an id of its own, marked, and otherwise the same', async () => {
    const { handle, sent, served, counted } = rig();
    const headers = headersOf(['Accept', 'text/plain'], ['X-Turnpike-Mirror', 'forged']);
    const exchange = exchangeFrom({ headers, method: 'POST', body: 'hello' });
    exchange.targetPath = '/rewritten';
    assert.equal(await handle(exchange), REPLY);
    const [copy] = sent;
    assert.ok(copy !== undefined);
    assert.deepEqual(
      [copy.id, copy.method, copy.targetPath, copy.body, copy.record.route],
      ['r-1-mirror', 'POST', '/rewritten', 'hello', 'orders'],
    );
    assert.equal(copy.headers.endToEndLines(), 'Accept: text/plain\r\nX-Turnpike-Mirror: 1\r\n');
    assert.equal(served[0]?.headers.endToEndLines(), 'Accept: text/plain\r\n');
    assert.equal(copy.tally, null);
    assert.deepEqual(counted.take(), ['mirror allowed']);
  });

  it('copies as many as its share says', async () => {
    const { handle, sent } = rig({ percent: 10 });
    for (let i = 0; i < 10_000; i++) await handle(exchangeFrom());
    assert.ok(sent.length > 900 && sent.length < 1100, `${sent.length}`);
  });

  it('gives the reply though the copy is never answered, or fails at once', async () => {
    const never = rig({}, () => new Promise(() => {}));
    assert.equal(await never.handle(exchangeFrom()), REPLY);
    const failing = rig({}, async () => {
      throw new GatewayError('CONNECT_FAILED', 'as the test says');
    });
    assert.equal(await failing.handle(exchangeFrom()), REPLY);
    await settled();
    assert.deepEqual(failing.counted.take(), ['mirror allowed', 'mirror failed no-answer']);
    assert.equal(failing.copies.underWay, 0);
  });

  it('goes on when the client of the request goes away', async () => {
    const { handle, sent } = rig({}, () => new Promise(() => {}));
    const exchange = exchangeFrom();
    await handle(exchange);
    exchange.cancel('CLIENT_CLOSED');
    assert.equal(sent[0]?.cancelled, null);
  });

  it('that only reports copies nothing', async () => {
    const { handle, sent, counted } = rig({ mode: 'report' });
    await handle(exchangeFrom());
    assert.deepEqual([sent.length, counted.take()], [0, ['mirror reported copy']]);
  });
});

describe('the body of a copy', () => {
  it('is copied on its way, and the copy sets out when it is complete', async () => {
    const { handle, sent, served } = rig();
    const { body, reading } = bodyOf(5);
    await handle(exchangeFrom({ body, method: 'POST' }));
    const given = served[0]?.body;
    assert.ok(typeof given === 'object' && given !== null);
    given.readTo(nothing);
    reading().write(Buffer.from('hel'));
    reading().write(Buffer.from('lo'));
    assert.equal(sent.length, 0);
    reading().end(null);
    assert.equal(sent[0]?.body, 'hello');
  });

  it('that breaks off is not copied', async () => {
    const { handle, sent, served } = rig();
    const { body, reading } = bodyOf(5);
    await handle(exchangeFrom({ body, method: 'POST' }));
    const given = served[0]?.body;
    assert.ok(typeof given === 'object' && given !== null);
    given.readTo(nothing);
    reading().write(Buffer.from('hel'));
    reading().fail(new GatewayError('CLIENT_CLOSED', 'as the test says'));
    assert.equal(sent.length, 0);
  });

  it('is not too large, and says how long it is', async () => {
    const { handle, sent, served, counted } = rig();
    for (const body of [bodyOf(11).body, bodyOf(-1).body, 'x'.repeat(11)]) {
      await handle(exchangeFrom({ body, method: 'POST' }));
      assert.equal(served.at(-1)?.body, body);
    }
    await handle(exchangeFrom({ upgrade: 'websocket' }));
    assert.equal(sent.length, 0);
    const body = 'mirror failed body';
    assert.deepEqual(counted.take(), [body, body, body, 'mirror failed upgrade']);
  });
});

describe('the answer to a copy', () => {
  it('is read to its end and dropped, and then the copy is over', async () => {
    const { body, reading } = bodyOf(-1);
    const { handle, sent, copies } = rig({}, async () => replyOf(body));
    await handle(exchangeFrom());
    let isOver = false;
    sent[0]?.whenEnded(() => (isOver = true));
    await settled();
    assert.equal(reading().write(Buffer.alloc(1000)), 0);
    assert.deepEqual([isOver, copies.underWay], [false, 1]);
    reading().end(null);
    await settled();
    assert.deepEqual([isOver, copies.underWay], [true, 0]);
  });

  it('is given up when it takes too long, before its head or after it', async () => {
    const { body, log } = bodyOf(-1);
    const slow: Handler = (copy) =>
      new Promise((_, reject) =>
        copy.whenCancelled({ cancelled: (code) => reject(new GatewayError(code, 'given up')) }),
      );
    for (const answer of [slow, async () => replyOf(body)]) {
      const { handle, copies, advance, counted } = rig({}, answer);
      await handle(exchangeFrom());
      await settled();
      advance(9000);
      assert.equal(copies.underWay, 1);
      advance(1100);
      await settled();
      assert.equal(copies.underWay, 0);
      assert.deepEqual(counted.take(), ['mirror allowed', 'mirror failed no-answer']);
    }
    assert.deepEqual(log, ['cancelled']);
  });
});

it('no more copies are under way than a thread may have', async () => {
  const { handle, sent, counted, copies } = rig({}, () => new Promise(() => {}), 2);
  for (let i = 0; i < 3; i++) assert.equal(await handle(exchangeFrom()), REPLY);
  assert.deepEqual([sent.length, copies.underWay], [2, 2]);
  assert.deepEqual(counted.take(), ['mirror allowed', 'mirror allowed', 'mirror failed too-many']);
});
