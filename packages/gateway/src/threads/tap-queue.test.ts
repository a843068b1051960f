import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TapQueue } from './tap-queue.ts';

describe('a queue of who watches', () => {
  it('drops the oldest and says how many, before what comes after', () => {
    const written: string[] = [];
    const state = { isReady: false };
    const queue = new TapQueue({ isReady: () => state.isReady, write: (text) => void written.push(text) });
    for (let i = 0; i < 1500; i++) queue.add([{ route: '', status: 200, line: `${i}\n` }], 0);
    queue.add([], 7);
    assert.deepEqual(written, []);
    state.isReady = true;
    queue.pump();
    queue.pump();
    const lines = written.join('').split('\n');
    assert.equal(written.length, 1);
    assert.deepEqual(lines.slice(0, 2), ['{"dropped":507}', '500']);
    assert.equal(lines.at(-2), '1499');
  });
});
