import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FleetNode } from '../domain/fleet.ts';
import { compareCohorts } from './cohorts.ts';

function node(requests: number, errors: number, p99Ms: number, more: Partial<FleetNode> = {}): FleetNode {
  const load = { requests, errors, p50Ms: 1, p99Ms, inFlight: 0, cpu: 0 };
  const about = { id: 'a', name: 'a', zone: '', version: '1', revision: 1, startedAt: 0, heartbeatAt: 0 };
  return { ...about, quarantined: [], load, ...more };
}

function refusing(requests: number, refused: number): FleetNode {
  const one = node(requests, 0, 50);
  return { ...one, load: { ...one.load, refused } };
}

type Row = readonly [string, readonly FleetNode[], readonly FleetNode[], 'fine' | 'bad' | 'passing'];

const ROWS: readonly Row[] = [
  ['the same', [node(100, 1, 50)], [node(900, 9, 50)], 'fine'],
  ['no traffic at all', [node(0, 0, 0)], [node(0, 0, 0)], 'fine'],
  ['nobody has it yet', [], [node(900, 9, 50)], 'fine'],
  ['twice the errors, exactly', [node(100, 4, 50)], [node(100, 2, 50)], 'fine'],
  ['more than twice the errors', [node(100, 5, 50)], [node(100, 2, 50)], 'bad'],
  ['more than twice, but less than a point', [node(1000, 9, 50)], [node(1000, 1, 50)], 'fine'],
  ['errors where there were none', [node(100, 2, 50)], [node(100, 0, 50)], 'bad'],
  ['errors of too few requests', [node(49, 49, 50)], [node(900, 0, 50)], 'fine'],
  ['errors everywhere', [node(100, 100, 50)], [node(100, 90, 50)], 'fine'],
  [
    'errors of one of several',
    [node(100, 0, 50), node(100, 20, 50)],
    [node(100, 0, 50), node(100, 0, 50)],
    'bad',
  ],
  ['refusals everywhere', [refusing(100, 30)], [refusing(100, 25)], 'fine'],
  ['a few more refusals', [refusing(100, 10)], [refusing(100, 0)], 'fine'],
  ['many more refusals', [refusing(100, 11)], [refusing(100, 0)], 'bad'],
  ['twice the refusals, exactly', [refusing(100, 60)], [refusing(100, 30)], 'fine'],
  ['many refusals, with nobody to compare with', [refusing(100, 100)], [], 'fine'],
  ['refusals where an older program does not tell of them', [node(100, 0, 50)], [refusing(100, 9)], 'fine'],
  ['few errors, with nobody to compare with', [node(100, 9, 50)], [node(10, 0, 50)], 'fine'],
  ['many errors, with nobody to compare with', [node(100, 11, 50)], [], 'bad'],
  ['twice as slow, exactly', [node(100, 0, 100)], [node(100, 0, 50)], 'fine'],
  ['more than twice as slow', [node(100, 0, 101)], [node(100, 0, 50)], 'passing'],
  ['more than twice, but only milliseconds', [node(100, 0, 9)], [node(100, 0, 2)], 'fine'],
  ['slow, with nobody to compare with', [node(100, 0, 1000)], [node(10, 0, 1)], 'fine'],
  ['slow, of few requests', [node(100, 0, 60), node(1, 0, 9000)], [node(900, 0, 50)], 'passing'],
  [
    'an object that only they cannot take',
    [node(0, 0, 0, { quarantined: ['routes.a'] })],
    [node(0, 0, 0)],
    'bad',
  ],
  [
    'an object that nobody can take',
    [node(0, 0, 0, { quarantined: ['routes.a'] })],
    [node(0, 0, 0, { quarantined: ['routes.a'] })],
    'fine',
  ],
  ['a reload that failed', [node(0, 0, 0, { problem: 'rejected' })], [node(0, 0, 0)], 'bad'],
];

describe('gateways that have taken a revision, beside the others', () => {
  for (const [name, updated, others, expected] of ROWS) {
    it(`are judged: ${name}`, () => {
      const verdict = compareCohorts(updated, others);
      assert.equal(
        verdict === null ? 'fine' : verdict.isPassing ? 'passing' : 'bad',
        expected,
        verdict?.reason ?? name,
      );
    });
  }
});
