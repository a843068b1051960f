import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Codel } from './codel.ts';

describe('CoDel', () => {
  it('takes a queue that is short now and then for a burst', () => {
    const codel = new Codel();
    for (let nowMs = 0; nowMs < 1000; nowMs++) codel.left(nowMs % 90 === 0 ? 4 : 80, nowMs);
    assert.equal(codel.isStanding, false);
    assert.equal(codel.patienceMs, 100);
  });

  it('finds a standing queue within two tenths of a second, and its end as well', () => {
    const codel = new Codel();
    for (let nowMs = 0; nowMs < 210; nowMs++) codel.left(6, nowMs);
    assert.equal(codel.isStanding, true);
    assert.equal(codel.patienceMs, 10);
    for (let nowMs = 210; nowMs < 310; nowMs++) codel.left(nowMs === 250 ? 0 : 9, nowMs);
    assert.equal(codel.isStanding, false);
  });

  it('begins anew after a pause', () => {
    const codel = new Codel();
    for (let nowMs = 0; nowMs < 90; nowMs++) codel.left(50, nowMs);
    codel.left(50, 1000);
    assert.equal(codel.isStanding, false);
  });
});
