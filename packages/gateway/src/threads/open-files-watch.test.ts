import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Log } from '../core/ports.ts';
import { openFilesWatch } from './open-files-watch.ts';

it('file descriptors that are used up are told of once, and when there are some again', () => {
  const told: string[] = [];
  const note = (message: string): void => void told.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  let open = 50;
  const look = openFilesWatch(log, () => ({ open, limit: 1000 }));
  const after = (count: number): number => {
    open = count;
    look();
    return told.length;
  };
  assert.deepEqual([50, 998, 1000, 999, 960, 940, 900, 1000].map(after), [0, 1, 1, 1, 1, 2, 2, 3]);
  assert.match(told[0] ?? '', /used up/);
  assert.match(told[1] ?? '', /again/);
});
