import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coalesced, oneAtATime } from './one-at-a-time.ts';

describe('one at a time', () => {
  it('runs jobs in their order, each after the one before, failed or not', async () => {
    const inTurn = oneAtATime();
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    const first = inTurn(async () => {
      await gate.promise;
      seen.push('first');
      throw new Error('failed');
    });
    const second = inTurn(async () => seen.push('second'));
    gate.resolve();
    await assert.rejects(first, /failed/);
    await second;
    assert.deepEqual(seen, ['first', 'second']);
  });
});

describe('a coalesced job', () => {
  it('runs once more for everyone who came while it ran', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const runs: string[] = [];
    const job = coalesced(async (reason: string) => {
      runs.push(reason);
      await gates[runs.length - 1]?.promise;
      return runs.length;
    });
    const first = job('a');
    const [second, third] = [job('b'), job('c')];
    assert.deepEqual(runs, ['a']);
    gates[0]?.resolve();
    assert.equal(await first, 1);
    gates[1]?.resolve();
    assert.equal(await second, 2);
    assert.equal(await third, 2);
    assert.deepEqual(runs, ['a', 'b']);
    assert.equal(await job('d'), 3);
  });

  it('goes on after a failure', async () => {
    let runs = 0;
    const job = coalesced(async () => {
      if (++runs === 1) throw new Error('failed');
      return runs;
    });
    const [first, second] = [job(undefined), job(undefined)];
    await assert.rejects(first, /failed/);
    assert.equal(await second, 2);
  });
});
