import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceVisit } from './visit.ts';
import { WaitQueue } from './wait-queue.ts';

/** As much of a visit as a queue looks at. */
function visitor(rank: number, joinedMs: number): ServiceVisit {
  return { rank, joinedMs, next: null, previous: null } as unknown as ServiceVisit;
}

describe('a queue', () => {
  it('serves who came first, by rank', () => {
    const queue = new WaitQueue();
    const [normal, later, high] = [visitor(2, 0), visitor(2, 1), visitor(1, 2)];
    for (const visit of [normal, later, high]) queue.push(visit);
    assert.equal(queue.next, high);
    queue.remove(high, 3);
    assert.equal(queue.next, normal);
    assert.equal(queue.size, 2);
  });

  it('serves who came last when it has not been short for long', () => {
    const queue = new WaitQueue();
    let nowMs = 0;
    for (; nowMs < 20; nowMs++) queue.push(visitor(2, nowMs));
    for (; nowMs < 300; nowMs++) {
      const { next } = queue;
      assert.ok(next !== null);
      queue.remove(next, nowMs);
      queue.push(visitor(2, nowMs - 8));
    }
    const [newer] = [visitor(2, nowMs)];
    queue.push(newer);
    assert.equal(queue.next, newer);
    assert.equal(queue.patienceMs, 10);
  });

  it('finds who has waited too long, whatever the rank', () => {
    const queue = new WaitQueue();
    const [normal, high] = [visitor(2, 10), visitor(1, 20)];
    queue.push(high);
    queue.push(normal);
    assert.equal(queue.overdue(10), null);
    assert.equal(queue.overdue(11), normal);
    queue.remove(normal, 11);
    assert.equal(queue.overdue(11), null);
    assert.equal(queue.overdue(21), high);
  });

  it('knows who goes before a newcomer, and who gives way', () => {
    const queue = new WaitQueue();
    const normal = visitor(2, 0);
    assert.equal(queue.isBefore(2), false);
    queue.push(normal);
    assert.equal(queue.isBefore(2), true);
    assert.equal(queue.isBefore(1), false);
    assert.equal(queue.leastBelow(1), normal);
    assert.equal(queue.leastBelow(2), null);
  });

  it('takes nobody who is less important than normal', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((rank) => WaitQueue.takes(rank)),
      [true, true, true, false, false],
    );
  });
});
