import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { FULL, KEPT, UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { OpenStreams } from '../../core/open-streams.ts';
import { random } from '../../core/random.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { Events } from './events.ts';

function rig(config: { heartbeatMs?: number; idleTimeoutMs?: number } = {}) {
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const streams = new OpenStreams(random(1));
  const exchange = exchangeFrom();
  let isCancelled = false;
  let isFull = false;
  const got: string[] = [];
  const source: BodySource = {
    length: UNKNOWN_LENGTH,
    readTo: () => {},
    resume: () => {},
    cancel: () => (isCancelled = true),
  };
  const sink: BodySink = {
    write(chunk) {
      got.push(chunk.toString());
      return isFull ? FULL : KEPT;
    },
    flush: () => {},
    end: () => got.push('END'),
    fail: () => got.push('FAIL'),
  };
  const events = new Events(exchange, source, {
    route: 'events',
    config: { heartbeatMs: null, idleTimeoutMs: null, ...config },
    isOpaque: false,
    wheel,
    streams,
  });
  events.readTo(sink);
  return {
    events,
    exchange,
    streams,
    got,
    isCancelled: () => isCancelled,
    fill: () => (isFull = true),
    write: (text: string) => events.write(Buffer.from(text)),
    advance(ms: number) {
      clock.advance(ms);
      wheel.advance();
    },
  };
}

describe('a stream of events that has to end', () => {
  it('does so at once between two events', () => {
    const { write, exchange, advance, got, isCancelled, streams } = rig();
    write('data: 1\n\n');
    streams.drain(1000, 0);
    exchange.drain();
    advance(1000);
    assert.deepEqual(got, ['data: 1\n\n', 'END']);
    assert.equal(isCancelled(), true);
    assert.equal(exchange.record.closed, 'drain');
  });

  it('goes on to the end of the event under way, and not a byte further', () => {
    const { write, exchange, advance, got } = rig();
    write('data: 1');
    exchange.drain();
    advance(4);
    advance(40);
    write('\ndata: 2');
    write('\n\ndata: 3\n\n');
    write('data: 4\n\n');
    assert.deepEqual(got, ['data: 1', '\ndata: 2', '\n\n', 'END']);
    assert.equal(exchange.record.closed, 'reload');
  });

  it('does not wait for ever for the end of an event', () => {
    const { write, exchange, advance, got } = rig();
    write('data: 1');
    exchange.drain();
    advance(40);
    advance(6000);
    assert.deepEqual(got, ['data: 1', 'END']);
  });
});

describe('a stream of events without events', () => {
  it('is not kept alive for a client that does not read', () => {
    const { write, advance, got, fill, events } = rig({ heartbeatMs: 100, idleTimeoutMs: 1000 });
    fill();
    write('data: 1\n\n');
    for (let i = 0; i < 50; i++) advance(100);
    assert.deepEqual(got, ['data: 1\n\n']);
    events.resume();
    advance(120);
    assert.deepEqual(got, ['data: 1\n\n', ':\n\n']);
  });

  it('ends when the service is silent for too long, however alive it was kept', () => {
    const { advance, got, exchange } = rig({ heartbeatMs: 400, idleTimeoutMs: 1000 });
    for (let i = 0; i < 11; i++) advance(100);
    assert.deepEqual(got, [':\n\n', ':\n\n', 'END']);
    assert.equal(exchange.record.closed, 'idle');
  });

  it('is not in the way any more when its exchange is over', () => {
    const { exchange, streams } = rig({ heartbeatMs: 100 });
    assert.equal(streams.size, 1);
    exchange.end();
    assert.equal(streams.size, 0);
  });
});
