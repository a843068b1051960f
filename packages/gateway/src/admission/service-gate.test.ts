import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Priority, ServiceConcurrency } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import type { Entry, Visit } from '../core/admission.ts';
import { BodyOfReads, CollectedBody } from '../core/body-testing.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange, Reply } from '../core/exchange.ts';
import { Headers } from '../core/headers.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { Baselines } from './baselines.ts';
import { Gates } from './gates.ts';
import { KeyCounts } from './key-counts.ts';
import { ServiceLimits, SUPERVISOR } from './service-limits.ts';

const OK: Reply = { status: 200, headers: new Headers(), body: 'ok', code: '', tunnel: null };

function streamed(): Reply {
  return { ...OK, body: new BodyOfReads([Buffer.from('a')]) };
}

/** A gate in one of two threads. */
function setUp(
  concurrency: ServiceConcurrency,
  { highest = 'critical', timeoutMs = null }: { highest?: Priority; timeoutMs?: number | null } = {},
) {
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const buffer = ServiceLimits.allocate(2, 2);
  const limits = new ServiceLimits(buffer, SUPERVISOR);
  const gates = new Gates({
    limits: new ServiceLimits(buffer, 0),
    baselines: new Baselines(Baselines.allocate(8)),
    counts: new KeyCounts(KeyCounts.allocate(64, 2), 0),
    wheel,
    clock,
    ownDelayMs: () => 0,
  });
  const apply = (plan: ServiceConcurrency): void =>
    gates.apply([{ id: 'main', concurrency: plan, limitSlot: 1, highestPriority: highest }]);
  apply(concurrency);
  const visit = (priority: Priority = 'normal', exchange = exchangeOf(clock.now())): Visit => {
    const gate = gates.of('main', { id: 'route', timeoutMs });
    assert.ok(gate !== null);
    return gate.visit(exchange, priority);
  };
  return {
    gates,
    apply,
    visit,
    /** In another thread. */
    other: new ServiceLimits(buffer, 1),
    inflight: () => limits.inflight(1),
    waiting: () => limits.waiting(1),
    now: () => clock.now(),
    pass(ms: number): void {
      clock.advance(ms);
      wheel.advance();
    },
    /** Visits that are inside. */
    fill(count: number, priority: Priority = 'critical'): Visit[] {
      return Array.from({ length: count }, () => {
        const inside = visit(priority);
        assert.equal(inside.enter(), 'inside');
        return inside;
      });
    },
    /** A visit that has to wait, and what becomes of it. */
    queue(priority: Priority = 'normal', exchange = exchangeOf(clock.now())) {
      const waiting = visit(priority, exchange);
      assert.equal(waiting.enter(), null);
      const ended: { entry: Entry | GatewayError | null } = { entry: null };
      const end = waiting.wait().then(
        (entry) => (ended.entry = entry),
        (error: GatewayError) => (ended.entry = error),
      );
      return { visit: waiting, exchange, end, ended };
    },
  };
}

function exchangeOf(startedAtMs: number): Exchange {
  return exchangeFrom({ startedAtMs });
}

function reasonOf(entry: Entry | GatewayError | null): string {
  if (entry === null || entry === 'inside') return String(entry);
  return entry instanceof GatewayError
    ? entry.code
    : `${entry.reason}${entry.isByPriority ? ' by priority' : ''}`;
}

const fixed = (limit: number): ServiceConcurrency => ({ kind: 'fixed', limit });
const ADAPTIVE: ServiceConcurrency = { kind: 'adaptive' };

describe('a gate with a fixed limit', () => {
  it('lets as many in as the limit says, those of other threads included', () => {
    const rig = setUp(fixed(3));
    rig.other.begin(1);
    const [first] = rig.fill(2);
    assert.equal(rig.visit('critical').enter(), null);
    first?.answered(OK);
    assert.equal(rig.visit('critical').enter(), 'inside');
  });

  it('keeps part of it for each priority above', () => {
    const rig = setUp(fixed(20));
    rig.fill(10);
    assert.equal(reasonOf(rig.visit('bulk').enter()), 'limit by priority');
    rig.fill(4);
    assert.equal(reasonOf(rig.visit('low').enter()), 'limit by priority');
    rig.fill(3, 'normal');
    assert.equal(rig.visit('normal').enter(), null);
    rig.fill(2, 'high');
    assert.equal(rig.visit('high').enter(), null);
    rig.fill(1);
    assert.equal(rig.visit('critical').enter(), null);
    assert.equal(reasonOf(rig.visit('bulk').enter()), 'limit');
  });

  it('is what it says for normal requests, when there are no others', () => {
    const rig = setUp(fixed(4), { highest: 'normal' });
    rig.fill(4, 'normal');
    assert.equal(rig.visit('normal').enter(), null);
  });

  it('counts a streamed reply until its exchange has ended', () => {
    const rig = setUp(fixed(1));
    const exchange = exchangeOf(rig.now());
    const visit = rig.visit('normal', exchange);
    visit.enter();
    visit.answered(streamed());
    assert.equal(rig.inflight(), 1);
    exchange.end();
    assert.equal(rig.inflight(), 0);
  });

  it('counts a request that fails no more', () => {
    const rig = setUp(fixed(1));
    rig.fill(1)[0]?.failed(new GatewayError('UPSTREAM_RESET', 'reset'));
    rig.fill(1)[0]?.failed(new Error('unforeseen'));
    assert.equal(rig.inflight(), 0);
  });
});

describe('the queue of a gate', () => {
  it('is served in order when somebody leaves', async () => {
    const rig = setUp(fixed(8));
    const inside = rig.fill(8);
    const [first, second] = [rig.queue('critical'), rig.queue('critical')];
    assert.equal(rig.waiting(), 2);
    inside[0]?.answered(OK);
    await first.end;
    assert.equal(first.ended.entry, 'inside');
    assert.equal(second.ended.entry, null);
    inside[1]?.answered(OK);
    await second.end;
    assert.equal(second.ended.entry, 'inside');
    assert.equal(rig.inflight(), 8);
  });

  it('is served by priority, and newcomers do not go before those who wait', async () => {
    const rig = setUp(fixed(8));
    const inside = rig.fill(8);
    const [normal, high] = [rig.queue('normal'), rig.queue('high')];
    inside[0]?.answered(OK);
    await high.end;
    assert.equal(high.ended.entry, 'inside');
    assert.equal(normal.ended.entry, null);
    for (const visit of inside.slice(1, 3)) visit.answered(OK);
    await normal.end;
    assert.equal(normal.ended.entry, 'inside');
  });

  it('is looked after when room is made by another thread', async () => {
    const rig = setUp(fixed(8));
    for (let i = 0; i < 8; i++) rig.other.begin(1);
    const waiting = rig.queue();
    for (let i = 0; i < 4; i++) rig.other.end(1);
    rig.pass(40);
    await waiting.end;
    assert.equal(waiting.ended.entry, 'inside');
  });

  it('holds half of the limit, divided among the threads, and the least important give way', async () => {
    const rig = setUp(fixed(8));
    rig.fill(8);
    const [first, second] = [rig.queue('normal'), rig.queue('normal')];
    const third = rig.queue('normal');
    await third.end;
    assert.equal(reasonOf(third.ended.entry), 'queue-full');
    const critical = rig.queue('critical');
    await first.end;
    assert.equal(reasonOf(first.ended.entry), 'queue-full');
    assert.equal(second.ended.entry, null);
    assert.equal(critical.ended.entry, null);
  });

  it('is left after a tenth of a second', async () => {
    const rig = setUp(fixed(8));
    rig.fill(8);
    const waiting = rig.queue();
    rig.pass(90);
    assert.equal(waiting.ended.entry, null);
    rig.pass(50);
    await waiting.end;
    assert.equal(reasonOf(waiting.ended.entry), 'queue-timeout');
    assert.equal(rig.waiting(), 0);
  });

  it('is left at once by who is cancelled', async () => {
    const rig = setUp(fixed(8));
    const inside = rig.fill(8);
    const waiting = rig.queue('critical');
    waiting.exchange.cancel('CLIENT_CLOSED');
    assert.equal(rig.waiting(), 0);
    await waiting.end;
    assert.equal(reasonOf(waiting.ended.entry), 'CLIENT_CLOSED');
    inside[0]?.answered(OK);
    assert.equal(rig.inflight(), 7);
  });

  it('is not joined by who was cancelled before', async () => {
    const rig = setUp(fixed(8));
    rig.fill(8);
    const exchange = exchangeOf(rig.now());
    exchange.cancel('DEADLINE_EXCEEDED');
    const waiting = rig.queue('critical', exchange);
    await waiting.end;
    assert.equal(reasonOf(waiting.ended.entry), 'DEADLINE_EXCEEDED');
    assert.equal(rig.waiting(), 0);
  });

  it('does not send to the service what nobody would wait for', async () => {
    const rig = setUp(ADAPTIVE, { timeoutMs: 120 });
    for (let i = 0; i < 200; i++) {
      const [visit] = rig.fill(1);
      rig.pass(50);
      visit?.answered(OK);
    }
    const inside = rig.fill(40);
    const waiting = rig.queue();
    rig.pass(75);
    assert.equal(waiting.ended.entry, null);
    inside[0]?.answered(OK);
    await waiting.end;
    assert.equal(reasonOf(waiting.ended.entry), 'queue-timeout');
  });
});

describe('a gate with an adaptive limit', () => {
  it('begins at 40 and has the others wait until more is known', async () => {
    const rig = setUp(ADAPTIVE);
    const inside = rig.fill(40);
    const waiting = rig.queue();
    rig.pass(900);
    assert.equal(waiting.ended.entry, null);
    for (const visit of inside.slice(0, 8)) visit.answered(OK);
    await waiting.end;
    assert.equal(waiting.ended.entry, 'inside');
  });

  it('counts a request until the head of its reply', () => {
    const rig = setUp(ADAPTIVE);
    const [visit] = rig.fill(1);
    visit?.answered(streamed());
    assert.equal(rig.inflight(), 0);
  });

  it('counts an upload from its last byte on', () => {
    const rig = setUp(ADAPTIVE);
    const exchange = exchangeFrom({ body: new BodyOfReads([Buffer.from('a')], [Buffer.from('b')]) });
    const visit = rig.visit('normal', exchange);
    assert.equal(visit.enter(), 'inside');
    assert.equal(rig.inflight(), 0);
    const sink = new CollectedBody();
    sink.answer = 2;
    assert.ok(typeof exchange.body === 'object' && exchange.body !== null);
    exchange.body.readTo(sink);
    assert.equal(rig.inflight(), 0);
    exchange.body.resume();
    assert.equal(rig.inflight(), 1);
    visit.answered(OK);
    assert.equal(rig.inflight(), 0);
  });

  it('does not count an upload that was answered before its end', () => {
    const rig = setUp(ADAPTIVE);
    const exchange = exchangeFrom({ body: new BodyOfReads([Buffer.from('a')]) });
    const visit = rig.visit('normal', exchange);
    visit.enter();
    const { body } = exchange;
    visit.answered(OK);
    if (typeof body === 'object') body?.readTo(new CollectedBody());
    assert.equal(rig.inflight(), 0);
  });
});

describe('gates', () => {
  it('are not there for services without a limit', () => {
    const rig = setUp({ kind: 'off' });
    assert.equal(rig.gates.of('main', { id: 'route', timeoutMs: null }), null);
    assert.equal(rig.gates.of('other', { id: 'route', timeoutMs: null }), null);
  });

  it('outlive a snapshot, with those who wait there', async () => {
    const rig = setUp(fixed(8));
    rig.fill(8);
    const waiting = rig.queue('critical');
    rig.apply(fixed(9));
    rig.pass(40);
    await waiting.end;
    assert.equal(waiting.ended.entry, 'inside');
  });

  it('are left as usual when they are gone', async () => {
    const rig = setUp(fixed(8));
    const inside = rig.fill(8);
    const waiting = rig.queue('critical');
    rig.apply({ kind: 'off' });
    inside[0]?.answered(OK);
    await waiting.end;
    assert.equal(waiting.ended.entry, 'inside');
    assert.equal(rig.waiting(), 0);
  });
});
