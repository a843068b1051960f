import assert from 'node:assert/strict';
import { it } from 'node:test';
import { recordReader, writeRecords } from './consumer-records.ts';
import { consumer } from './consumers-testing.ts';

it('records are read as they were written, each by its number', () => {
  const records = [
    consumer('a', {
      scopes: ['orders:read'],
      plan: 'gold',
      metadata: { tier: 1, isInternal: false, name: 'läden' },
    }),
    consumer('b'),
    consumer('schlüssel'),
  ];
  const read = recordReader(writeRecords(records), records.length);
  for (const [i, { id, scopes, plan, metadata }] of records.entries())
    assert.deepEqual(read(i), { id, scopes, plan, metadata });
  assert.equal(writeRecords([]).byteLength, 0);
});
