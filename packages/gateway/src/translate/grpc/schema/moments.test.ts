import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { timestampOf, timestampText } from './moments.ts';

describe('moments', () => {
  it('are those of Date, for every second from the year 0001 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
        const text = `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
        assert.equal(timestampText({ seconds, nanos: 0 }), text);
        assert.deepEqual(timestampOf(text), { seconds, nanos: 0 });
      }),
      { numRuns: 20_000 },
    );
  });

  it('are of every day around leap years and centuries', () => {
    for (const year of [1, 4, 100, 400, 1599, 1600, 1699, 1700, 1900, 1999, 2000, 2024, 2100, 9996, 9999]) {
      for (let day = 0; day < 366; day++) {
        const date = new Date(0);
        date.setUTCFullYear(year, 0, 1 + day);
        const text = date.toISOString().replace(/\.\d+Z$/, 'Z');
        if (text.length !== 20) continue;
        assert.equal(timestampText({ seconds: date.getTime() / 1000, nanos: 0 }), text);
        assert.equal(timestampOf(text)?.seconds, date.getTime() / 1000);
      }
    }
  });

  it('have days that there are', () => {
    for (const day of [
      '2023-02-29',
      '1900-02-29',
      '2024-04-31',
      '2024-00-10',
      '2024-13-01',
      '2024-01-00',
      '2024-01-32',
    ])
      assert.equal(timestampOf(`${day}T00:00:00Z`), null, day);
    assert.ok(timestampOf('2000-02-29T00:00:00Z'));
  });
});
