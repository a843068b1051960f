import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { visit } from './balance-testing.ts';
import { EndpointStates } from './endpoint-states.ts';
import { OutOfSlots, slotKey, Slots } from './slots.ts';

const GRACE_MS = 1000;

function setUp(capacity: number): { states: EndpointStates; slots: Slots } {
  const states = new EndpointStates(EndpointStates.allocate(capacity, 1), 0);
  return { states, slots: new Slots(states, GRACE_MS) };
}

/** The slot of a key that was just assigned. */
function slotOf(assigned: ReadonlyMap<string, number>, key: string): number {
  const slot = assigned.get(key);
  assert.ok(slot !== undefined);
  return slot;
}

describe('slots', () => {
  it('keeps slot and state of an endpoint across reloads, whatever the order', () => {
    const { states, slots } = setUp(4);
    const before = slots.assign(['a', 'b', 'c'], 0);
    states.sample(slotOf(before, 'b'), visit(10, 1), 1, 10_000);
    const after = slots.assign(['d', 'c', 'b'], 1);
    assert.equal(after.get('b'), before.get('b'));
    assert.equal(after.get('c'), before.get('c'));
    assert.equal(states.view(slotOf(after, 'b')).ok, 1);
  });

  it('gives an endpoint that is named twice one slot', () => {
    const { slots } = setUp(1);
    assert.equal(slots.assign(['a', 'a'], 0).size, 1);
  });

  it('tells endpoints of different services apart', () => {
    assert.notEqual(slotKey('users', 'http://a:80'), slotKey('orders', 'http://a:80'));
    assert.notEqual(slotKey('b c', 'a'), slotKey('c', 'a%20b'));
  });

  it('gives an endpoint that comes back within the grace its state back', () => {
    const { states, slots } = setUp(2);
    const slot = slotOf(slots.assign(['a'], 0), 'a');
    states.sample(slot, visit(10, 1), 1, 10_000);
    slots.assign([], 10);
    assert.equal(slots.assign(['a'], 10 + GRACE_MS - 1).get('a'), slot);
    assert.equal(states.view(slot).ok, 1);
    // The grace begins anew.
    slots.assign([], 2000);
    assert.equal(slots.assign(['a'], 2000 + GRACE_MS - 1).get('a'), slot);
    assert.equal(states.view(slot).ok, 1);
  });

  it('frees a slot after the grace and gives it on without its past', () => {
    const { states, slots } = setUp(1);
    const slot = slotOf(slots.assign(['a'], 0), 'a');
    states.sample(slot, visit(10, 1), 1, 10_000);
    slots.assign([], 10);
    assert.throws(() => slots.assign(['b'], 10 + GRACE_MS - 1), OutOfSlots);
    assert.equal(slots.assign(['b'], 10 + GRACE_MS).get('b'), slot);
    assert.equal(states.view(slot).ok, 0);
  });

  it('counts the grace from the first reload without the endpoint', () => {
    const { slots } = setUp(1);
    slots.assign(['a'], 0);
    slots.assign([], 10);
    slots.assign([], 900);
    assert.equal(slots.assign(['b'], 10 + GRACE_MS).get('b'), 0);
  });

  it('does not free a slot with something in flight', () => {
    const { states, slots } = setUp(1);
    const slot = slotOf(slots.assign(['a'], 0), 'a');
    states.begin(slot);
    slots.assign([], 0);
    slots.sweep(10 * GRACE_MS);
    assert.throws(() => slots.assign(['b'], 10 * GRACE_MS), OutOfSlots);
    states.end(slot);
    assert.equal(slots.assign(['b'], 10 * GRACE_MS).get('b'), slot);
  });

  it('says what is wrong when it is full, and changes nothing', () => {
    const { slots } = setUp(2);
    slots.assign(['a', 'b'], 0);
    assert.throws(
      () => slots.assign(['c', 'd', 'a'], 5),
      /2 new endpoints need a slot, but 2 of 2 are taken/,
    );
    // Had the failed call begun the grace of b, it would be over now.
    assert.throws(() => slots.assign(['c'], 5 + GRACE_MS), OutOfSlots);
  });

  it('reuses first what has been free for the longest', () => {
    const { slots } = setUp(3);
    const a = slotOf(slots.assign(['a'], 0), 'a');
    slots.assign([], 0);
    slots.sweep(GRACE_MS);
    assert.notEqual(slots.assign(['b'], GRACE_MS).get('b'), a);
  });

  it('never gives one slot to two endpoints', () => {
    const reloads = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { maxLength: 8 }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(reloads, fc.integer({ min: 0, max: 2 * GRACE_MS }), (memberships, stepMs) => {
        const { slots } = setUp(16);
        let previous: ReadonlyMap<string, number> = new Map();
        memberships.forEach((members, i) => {
          const assigned = slots.assign(members.map(String), i * stepMs);
          assert.equal(new Set(assigned.values()).size, members.length);
          for (const [key, slot] of assigned) assert.equal(previous.get(key) ?? slot, slot);
          previous = assigned;
        });
      }),
    );
  });
});
