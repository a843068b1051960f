import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Priority, PriorityConfig } from '@turnpike/config';
import { gradesUpTo, highestPriorities } from './grades.ts';

const NORMAL: PriorityConfig = { level: 'normal', header: null, plans: {} };

function route(service: string, priority: Partial<PriorityConfig>) {
  return { services: [service], policies: { priority: { ...NORMAL, ...priority } } };
}

describe('grades', () => {
  it('give all of a limit to critical requests, and half of it to bulk', () => {
    assert.deepEqual(gradesUpTo('critical'), [1, 0.95, 0.85, 0.7, 0.5]);
  });

  it('keep nothing free for priorities that nobody can have', () => {
    const [, , normal, low, bulk] = gradesUpTo('normal');
    assert.deepEqual([normal, low, bulk], [1, 0.7 / 0.85, 0.5 / 0.85]);
    assert.equal(gradesUpTo('bulk')[4], 1);
  });
});

describe('the highest priority of a service', () => {
  it('is that of its routes, of the plans that they name, or any when proxies say it', () => {
    const plans: Readonly<Record<string, Priority>> = { gold: 'high', free: 'bulk' };
    const highest = highestPriorities([
      route('a', { level: 'bulk' }),
      route('a', { level: 'low' }),
      route('b', { plans }),
      route('b', { level: 'bulk' }),
      route('c', { level: 'bulk', header: 'x-priority' }),
      { services: [], policies: { priority: NORMAL } },
    ]);
    assert.deepEqual(Object.fromEntries(highest), { a: 'low', b: 'high', c: 'critical' });
  });
});
