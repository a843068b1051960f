import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Rollout } from '../domain/fleet.ts';
import type { Store } from '../domain/store.ts';
import { rolloutTarget } from './rollout-target.ts';

const SELF = { id: 'a', name: 'a', zone: 'one' };
const CLOCK = { epoch: () => 1_000_000, after: () => () => {} };

function rollout(state: Rollout['state'], more: Partial<Rollout> = {}): Rollout {
  const steps = [{ kind: 'zones', zones: ['one'] }] as const;
  const times = { stepMs: 1, startedAt: 0, steppedAt: 0 };
  return { id: 1, revision: 5, base: 4, steps, step: 0, state, reason: '', startedBy: '', ...times, ...more };
}

/** What a gateway takes that has read `head`, when the fleet is as told by then. */
function taken(head: number, now: { last: Rollout | null; head: number; zone?: string }): Promise<number> {
  const fleet = {
    rollouts: async () => ({ items: now.last === null ? [] : [now.last], next: null }),
    nodes: async () => [],
  };
  const store = { fleet, revisions: { head: async () => now.head } } as unknown as Store;
  return rolloutTarget(store, { self: { ...SELF, zone: now.zone ?? 'one' }, clock: CLOCK })(head);
}

describe('the revision that a gateway takes', () => {
  const rows: readonly [string, number, Parameters<typeof taken>[1], number][] = [
    ['the newest, without any roll-out', 5, { last: null, head: 5 }, 5],
    ['that of a roll-out, for who is in', 5, { last: rollout('running'), head: 5 }, 5],
    ['the one before, for who is not', 5, { last: rollout('running'), head: 5, zone: 'two' }, 4],
    ['the same while it is paused', 5, { last: rollout('paused'), head: 5, zone: 'two' }, 4],
    ['the one before, while it is not committed', 4, { last: rollout('running'), head: 4 }, 4],
    ['not what takes it back, before it has ended', 6, { last: rollout('running'), head: 6, zone: 'two' }, 4],
    ['the newest, after it was completed', 5, { last: rollout('completed'), head: 5, zone: 'two' }, 5],
    ['what took it back', 6, { last: rollout('rolled-back'), head: 6 }, 6],
    ['what took it back in between', 5, { last: rollout('rolled-back'), head: 6, zone: 'two' }, 6],
    ['what got the number of one that was withdrawn', 5, { last: rollout('rolled-back'), head: 5 }, 5],
    [
      'not one that was taken back before the next began',
      5,
      { last: rollout('running', { id: 2, revision: 7, base: 6 }), head: 7, zone: 'two' },
      6,
    ],
  ];
  for (const [name, head, now, expected] of rows)
    it(`is ${name}`, async () => assert.equal(await taken(head, now), expected));
});
