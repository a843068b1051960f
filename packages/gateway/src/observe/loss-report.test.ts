import assert from 'node:assert/strict';
import { it } from 'node:test';
import { manualClock } from '../../../testkit/src/manual-clock.ts';
import { lossReport } from './loss-report.ts';

it('tells of lost lines at once, and then of all that were lost in ten seconds', () => {
  const clock = manualClock(1000);
  const told: [string, object | undefined][] = [];
  const ignore = (): void => {};
  const warn = (message: string, fields?: object): void => void told.push([message, fields]);
  const tell = lossReport({ debug: ignore, info: ignore, warn, error: ignore }, clock);
  tell(3, 'ENOSPC');
  for (let i = 0; i < 39; i++) {
    clock.advance(250);
    tell(2, '');
  }
  assert.deepEqual(told, [
    ['access log lines were dropped: the destination fails with ENOSPC', { lines: 3 }],
  ]);
  clock.advance(250);
  tell(2, '');
  assert.deepEqual(told[1], ['access log lines were dropped: the destination is too slow', { lines: 80 }]);
});
