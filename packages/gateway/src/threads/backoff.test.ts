import assert from 'node:assert/strict';
import { it } from 'node:test';
import { restartDelayMs } from './backoff.ts';

it('waits twice as long with each death in a row, from 100 ms to 5 s', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 50].map(restartDelayMs),
    [100, 200, 400, 800, 1600, 3200, 5000, 5000],
  );
});
