import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, eventually, fieldOf, inTurn, reply, reset, stall, type Step } from '@turnpike/testkit';
import { get, request } from '../wire/fixture.ts';
import { cluster, hedge, lostOf, retry, type Cluster } from './cluster.ts';

const unavailable = answer(reply('no', [], '503 Service Unavailable'));

/** Something that happens when it is told to. */
function signal(): { readonly given: Promise<void>; give(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { given: promise, give: () => resolve() };
}

/** Does `step` as soon as the signal is given. */
function when(given: Promise<void>, step: Step): Step {
  return async (talk) => {
    await given;
    await step(talk);
  };
}

/** The endpoint of an arrival as the access log names it. */
function authority({ arrivals, upstreams }: Cluster, arrival: number): string {
  return `127.0.0.1:${upstreams[arrivals[arrival]?.endpoint ?? -1]?.port}`;
}

describe('a second attempt', () => {
  it('answers when the first is slow, which is given up at once', async (t) => {
    const rig = await cluster(t, { step: inTurn(stall, answer(reply('fast'))), policies: hedge() });
    const { arrivals, upstreams, plane } = rig;
    const response = await (await rig.client()).ask(get());
    assert.equal(response.body.toString(), 'fast');
    assert.deepEqual(
      arrivals.map(({ talk }) => fieldOf(talk, 'x-gateway-attempt')),
      [undefined, '2'],
    );
    await upstreams[arrivals[0]?.endpoint ?? -1]?.whenIdle();
    const [line] = await plane.lines(1);
    const [lost, ...more] = lostOf(line);
    assert.deepEqual(more, []);
    assert.deepEqual([lost?.endpoint, lost?.outcome, lost?.next], [authority(rig, 0), 'abandoned', 'hedge']);
    assert.deepEqual([line?.['endpoint'], line?.['hedge']], [authority(rig, 1), 'won']);
    assert.equal(line?.['attempts'], 2);
    assert.equal(plane.inflight(), 0);
    assert.match(plane.metrics(), /turnpike_upstream_hedges_total\{service="main",outcome="won"\} 1/);
  });

  it('is given up when the first answers after all', async (t) => {
    const second = signal();
    const step = inTurn(when(second.given, answer(reply('first'))), async (talk) => {
      second.give();
      await talk.closed();
    });
    const rig = await cluster(t, { step, policies: hedge() });
    assert.equal((await (await rig.client()).ask(get())).body.toString(), 'first');
    await rig.upstreams[rig.arrivals[1]?.endpoint ?? -1]?.whenIdle();
    const [line] = await rig.plane.lines(1);
    const [lost] = lostOf(line);
    assert.deepEqual([lost?.endpoint, lost?.outcome], [authority(rig, 1), 'abandoned']);
    assert.deepEqual([line?.['endpoint'], line?.['hedge']], [authority(rig, 0), 'lost']);
    assert.equal(rig.plane.inflight(), 0);
  });

  const FAULTS: Readonly<Record<string, readonly [Step, unknown]>> = {
    'a reset': [reset, 'UPSTREAM_RESET'],
    'a 503': [unavailable, 503],
  };

  for (const [what, [fault, outcome]] of Object.entries(FAULTS)) {
    it(`does not spoil the first with ${what}`, async (t) => {
      const failed = signal();
      const rig = await cluster(t, {
        step: inTurn(when(failed.given, answer(reply('first'))), fault),
        policies: hedge(),
      });
      const answered = (await rig.client()).ask(get());
      await eventually(
        () => rig.arrivals.length === 2 && rig.plane.inflight() === 1,
        'the end of the second',
      );
      failed.give();
      assert.equal((await answered).body.toString(), 'first');
      const [line] = await rig.plane.lines(1);
      const [lost] = lostOf(line);
      assert.deepEqual([lost?.endpoint, lost?.outcome], [authority(rig, 1), outcome]);
      assert.deepEqual([line?.['endpoint'], line?.['hedge']], [authority(rig, 0), 'lost']);
    });

    it(`answers although the first ended with ${what}`, async (t) => {
      const [second, failed] = [signal(), signal()];
      const rig = await cluster(t, {
        step: inTurn(when(second.given, fault), async (talk) => {
          second.give();
          await failed.given;
          await talk.write(reply('second'));
        }),
        policies: hedge(),
      });
      const answered = (await rig.client()).ask(get());
      await eventually(() => rig.arrivals.length === 2 && rig.plane.inflight() === 1, 'the end of the first');
      failed.give();
      assert.equal((await answered).body.toString(), 'second');
      const [line] = await rig.plane.lines(1);
      const [lost] = lostOf(line);
      assert.deepEqual([lost?.endpoint, lost?.outcome], [authority(rig, 0), outcome]);
      assert.equal(line?.['hedge'], 'won');
    });

    it(`and the first may both end with ${what}`, async (t) => {
      const second = signal();
      const both = inTurn(when(second.given, fault), (talk) => {
        second.give();
        return fault(talk);
      });
      const rig = await cluster(t, { step: both, policies: hedge() });
      const response = await (await rig.client()).ask(get());
      assert.ok(response.status === 502 || response.status === 503);
      const [line] = await rig.plane.lines(1);
      assert.equal(line?.['hedge'], 'failed');
      assert.equal(lostOf(line).length, 1);
      assert.equal(rig.plane.inflight(), 0);
    });
  }

  it('is followed by a retry when both fail, if the route has any', async (t) => {
    const second = signal();
    const step = inTurn(
      when(second.given, reset),
      (talk) => {
        second.give();
        return reset(talk);
      },
      answer(reply('third')),
    );
    const { client, arrivals, plane } = await cluster(t, { step, policies: { ...hedge(), ...retry() } });
    assert.equal((await (await client()).ask(get())).body.toString(), 'third');
    assert.deepEqual(
      arrivals.map(({ talk }) => fieldOf(talk, 'x-gateway-attempt')),
      [undefined, '2', '3'],
    );
    const [line] = await plane.lines(1);
    assert.deepEqual(
      lostOf(line)
        .map(({ next }) => next)
        .sort(),
      ['hedge', 'retry'],
    );
  });

  it('is not made of what must not be done twice', async (t) => {
    const later = signal();
    const gets = inTurn(stall, answer(reply('fast')));
    const post = when(later.given, answer(reply('done')));
    const { client, arrivals } = await cluster(t, {
      step: (talk) => (talk.method === 'POST' ? post(talk) : gets(talk)),
      policies: hedge(),
    });
    const answered = (await client()).ask(request('POST /', [], 'order'));
    await eventually(() => arrivals.length === 1, 'the order');
    // What began later has had its second attempt meanwhile.
    assert.equal((await (await client()).ask(get())).body.toString(), 'fast');
    assert.equal(arrivals.filter(({ talk }) => talk.method === 'POST').length, 1);
    later.give();
    assert.equal((await answered).body.toString(), 'done');
  });

  it('is not made at the same endpoint, where only a retry goes', async (t) => {
    const { client, arrivals, plane } = await cluster(t, {
      endpoints: 1,
      step: inTurn(stall, answer(reply('again'))),
      policies: { ...hedge(), ...retry({ on: ['timeout'] }) },
      service: { timeouts: { request: '1s' } },
    });
    assert.equal((await (await client()).ask(get())).body.toString(), 'again');
    assert.equal(arrivals.length, 2);
    const [line] = await plane.lines(1);
    assert.equal(line?.['hedge'], undefined);
  });

  it('goes with the client', async (t) => {
    const { client, arrivals, upstreams, plane } = await cluster(t, { step: stall, policies: hedge() });
    const connection = await client();
    await connection.send(get());
    await eventually(() => arrivals.length === 2, 'both attempts');
    connection.reset();
    for (const upstream of upstreams) await upstream.whenIdle();
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'CLIENT_CLOSED');
    assert.equal(plane.inflight(), 0);
  });

  it('is refused beyond its budget', async (t) => {
    const { client, arrivals, plane } = await cluster(t, {
      step: stall,
      policies: hedge({ budgetPercent: 1 }),
      service: { timeouts: { request: '1s' } },
    });
    const connection = await client();
    for (let i = 0; i < 2; i++) assert.equal((await connection.ask(get())).status, 504);
    assert.equal(arrivals.length, 3);
    const lines = await plane.lines(2);
    assert.deepEqual(
      lines.map((line) => line['hedge']),
      ['failed', 'refused'],
    );
  });

  it('is only counted in report mode', async (t) => {
    const { client, arrivals, plane } = await cluster(t, {
      step: stall,
      policies: hedge({ mode: 'report' }),
      service: { timeouts: { request: '1s' } },
    });
    assert.equal((await (await client()).ask(get())).status, 504);
    assert.equal(arrivals.length, 1);
    assert.match(plane.metrics(), /policy="hedge".*decision="reported".*\} 1/);
  });
});
