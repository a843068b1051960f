import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paced } from './paced.ts';

/** Saves that take `tookMs` each, and timers that go off by hand. */
function world(tookMs: number) {
  let nowMs = 0;
  const saved: string[] = [];
  const due: { readonly ms: number; readonly run: () => void }[] = [];
  const clock = { now: () => nowMs, epoch: () => nowMs };
  const timers = {
    after(ms: number, run: () => void) {
      const timer = { ms, run };
      due.push(timer);
      return () => void due.splice(due.indexOf(timer), 1);
    },
  };
  const saves = paced<string>(
    async (value) => {
      saved.push(value);
      nowMs += tookMs;
    },
    { clock, timers },
  );
  return { saves, saved, due };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what is saved now and then', () => {
  it('is saved at once, and after a rest only the newest of what came meanwhile', async () => {
    const { saves, saved, due } = world(200);
    for (const value of ['a', 'b', 'c']) {
      saves.want(value);
      await turn();
    }
    assert.deepEqual([saved, due.map(({ ms }) => ms)], [['a'], [4000]]);
    due.splice(0).forEach(({ run }) => run());
    await turn();
    assert.deepEqual(saved, ['a', 'c']);
    due.splice(0).forEach(({ run }) => run());
    await turn();
    assert.deepEqual([saved, due.length], [['a', 'c'], 0]);
    saves.want('d');
    await turn();
    assert.deepEqual(saved, ['a', 'c', 'd']);
  });

  it('waits half a minute at most, however long a save has taken', async () => {
    const { saves, due } = world(60_000);
    saves.want('a');
    await turn();
    assert.deepEqual(
      due.map(({ ms }) => ms),
      [30_000],
    );
  });

  it('is saved before the end, and leaves no timer behind', async () => {
    const { saves, saved, due } = world(200);
    saves.want('a');
    saves.want('b');
    await saves.close();
    assert.deepEqual([saved.at(-1), due.length], ['b', 0]);
    await saves.close();
    assert.equal(saved.at(-1), 'b');
  });
});
