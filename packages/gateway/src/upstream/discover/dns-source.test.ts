import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpoint, manualTime, sourcePorts } from './discover-testing.ts';
import { DnsSource, type LookResult } from './dns-source.ts';

/** A source that gives these results one after the other, the last one for ever, and when it looked. */
function looking(...results: readonly Partial<LookResult>[]) {
  const time = manualTime();
  const startMs = time.clock.now();
  const looks: number[] = [];
  const told: string[] = [];
  const events = {
    found: (endpoints: readonly unknown[]) => void told.push(`${endpoints.length}`),
    failed: (problem: string) => void told.push(problem),
  };
  const source = new DnsSource(
    async () => {
      const result = results[Math.min(looks.length, results.length - 1)];
      looks.push(Math.round(time.clock.now() - startMs));
      return { isFresh: true, endpoints: [endpoint('a')], ttlMs: 1000, problem: '', ...result };
    },
    events,
    sourcePorts(time),
  );
  return { time, looks, told, source };
}

describe('a look at DNS', () => {
  it('is repeated shortly before what it gave runs out', async () => {
    const { time, looks, source } = looking({ ttlMs: 100_000 });
    await time.advance(84_999);
    assert.deepEqual(looks, [0]);
    await time.advance(10_001);
    assert.equal(looks.length, 2);
    await source.close();
  });

  it('is repeated once a second at most, and in five minutes at least', async () => {
    const often = looking({ ttlMs: 0 });
    await often.time.advance(10_000);
    assert.deepEqual(
      often.looks,
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((second) => second * 1000),
    );
    await often.source.close();
    const seldom = looking({ ttlMs: 7_000_000 });
    await seldom.time.advance(300_000);
    assert.equal(seldom.looks.length, 2);
    await seldom.source.close();
  });

  it('that fails is repeated with growing pauses, up to half a minute', async () => {
    const failure = { isFresh: false, problem: 'SERVFAIL' };
    const { time, looks, told, source } = looking(failure);
    await time.advance(300_000);
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const most = Math.min(1000 * 2 ** index, 30_000);
      assert.ok(pause >= most * 0.75 - 1 && pause <= most + 1, `${index}: ${pause}`);
    }
    assert.ok(told.every((one) => one === 'SERVFAIL'));
    await source.close();
  });

  it('comes earlier when somebody asks for it, but once a second', async () => {
    const { time, looks, source } = looking({ ttlMs: 300_000 });
    await time.advance(300);
    for (let n = 0; n < 5; n++) source.refresh();
    await time.advance(699);
    assert.deepEqual(looks, [0]);
    await time.advance(1);
    assert.deepEqual(looks, [0, 1000]);
    await time.advance(5000);
    source.refresh();
    await time.advance(0);
    assert.deepEqual(looks, [0, 1000, 6000]);
    await source.close();
  });

  it('that takes too long is given up, and nothing is told after the end', async () => {
    const time = manualTime();
    const told: string[] = [];
    const stuck = (signal: AbortSignal) =>
      new Promise<LookResult>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const events = { found: () => assert.fail(), failed: (problem: string) => void told.push(problem) };
    const source = new DnsSource(stuck, events, sourcePorts(time));
    await time.advance(30_000);
    assert.deepEqual(told, ['no answer within 30000 ms']);
    await time.advance(1000);
    await source.close();
    assert.equal(told.length, 1);
    assert.deepEqual(time.waits, []);
  });
});
