import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { KeyCounts } from './key-counts.ts';
import { SUPERVISOR } from './service-limits.ts';

const THREADS = 3;

function threads(places = 256): KeyCounts[] {
  const buffer = KeyCounts.allocate(places, THREADS);
  return Array.from({ length: THREADS }, (_, thread) => new KeyCounts(buffer, thread));
}

function entered(place: number | string): number {
  if (typeof place === 'string') assert.fail(`no place: ${place}`);
  return place;
}

describe('key counts', () => {
  it('let a key have as many as it may, in all threads together', () => {
    const [one, other] = threads();
    const scope = one!.scope('a');
    const places = [one!, other!, one!].map((thread) => entered(thread.enter(scope, 'key', 3)));
    assert.equal(other!.enter(scope, 'key', 3), 'full');
    other!.leave(places[1]!);
    assert.equal(one!.count(scope, 'key'), 2);
    entered(one!.enter(scope, 'key', 3));
  });

  it('keep keys and scopes apart', () => {
    const [counts] = threads();
    const [a, b] = [counts!.scope('a'), counts!.scope('b')];
    entered(counts!.enter(a, 'x', 1));
    entered(counts!.enter(a, 'y', 1));
    entered(counts!.enter(b, 'x', 1));
    entered(counts!.enter(b, '', 1));
    assert.equal(counts!.enter(a, 'x', 1), 'full');
  });

  it('say so when more keys are under way than there is room for, and have room again later', () => {
    const [counts] = threads(16);
    const scope = counts!.scope('a');
    const places = Array.from({ length: 16 }, (_, key) => entered(counts!.enter(scope, `${key}`, 1)));
    assert.equal(counts!.enter(scope, 'one more', 1), 'no-room');
    counts!.leave(places[7]!);
    entered(counts!.enter(scope, 'one more', 1));
  });

  it('count on in another place what is too much for one', () => {
    const [counts] = threads(16);
    const scope = counts!.scope('a');
    for (let i = 0; i < 40_000; i++) entered(counts!.enter(scope, 'key', Infinity));
    assert.equal(counts!.count(scope, 'key'), 40_000);
    assert.equal(counts!.enter(scope, 'key', 40_000), 'full');
  });

  it('refuse to take back what was not counted here', () => {
    const [one, other] = threads();
    const place = entered(one!.enter(one!.scope('a'), 'key', 1));
    assert.throws(() => other!.leave(place));
    one!.leave(place);
    assert.throws(() => one!.leave(place));
  });

  it('take back what a thread held', () => {
    const buffer = KeyCounts.allocate(256, THREADS);
    const [one, other] = [new KeyCounts(buffer, 0), new KeyCounts(buffer, 1)];
    const scope = one.scope('a');
    for (let i = 0; i < 5; i++) entered(one.enter(scope, 'key', 9));
    entered(other.enter(scope, 'key', 9));
    new KeyCounts(buffer, SUPERVISOR).releaseThread(0);
    assert.equal(other.count(scope, 'key'), 1);
  });

  it('agree with a map, whatever is entered and left in whichever thread', () => {
    const step = fc.record({
      thread: fc.integer({ min: 0, max: THREADS - 1 }),
      key: fc.integer({ min: 0, max: 5 }),
      isLeaving: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const all = threads();
        const scope = all[0]!.scope('a');
        const held: { thread: number; key: number; place: number }[] = [];
        for (const { thread, key, isLeaving } of steps) {
          const own = held.findIndex((entry) => entry.thread === thread && entry.key === key);
          if (isLeaving && own !== -1) {
            all[thread]!.leave(held[own]!.place);
            held.splice(own, 1);
            continue;
          }
          const before = held.filter((entry) => entry.key === key).length;
          const place = all[thread]!.enter(scope, `key ${key}`, 4);
          if (typeof place === 'number') held.push({ thread, key, place });
          assert.equal(place === 'full', before === 4);
        }
        for (let key = 0; key <= 5; key++) {
          assert.equal(all[0]!.count(scope, `key ${key}`), held.filter((entry) => entry.key === key).length);
        }
      }),
    );
  });
});
