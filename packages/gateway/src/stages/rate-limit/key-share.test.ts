import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../../core/random.ts';
import { isInShare } from './key-share.ts';

const KEYS = 10_000;
const chance = random(4);
const hex = (digits: number) => Array.from({ length: digits }, () => chance.below(16).toString(16)).join('');

/** Keys as limits have them: they look alike, and differ in few places. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  numbers: Array.from({ length: KEYS }, (_, n) => String(n)),
  'addresses of one network': Array.from({ length: KEYS }, (_, n) => `10.0.${n >> 8}.${n & 255}`),
  'names of consumers': Array.from({ length: KEYS }, (_, n) => `consumer ${n.toString(36)}`),
  'random names': Array.from({ length: KEYS }, () => hex(32)),
};

function sharedBy(limit: string, keys: readonly string[], percent: number): readonly string[] {
  return keys.filter((key) => isInShare(limit, key, percent));
}

/** Four standard deviations of so many keys that are drawn with this probability. */
function tolerance(share: number): number {
  return 4 * Math.sqrt(KEYS * share * (1 - share));
}

describe('a share of the keys', () => {
  for (const [kind, keys] of Object.entries(KINDS)) {
    for (const percent of [0.5, 1, 10, 50, 90]) {
      it(`is ${percent} percent of ${KEYS} ${kind}`, () => {
        const expected = (KEYS * percent) / 100;
        const { length } = sharedBy('gcra route a main', keys, percent);
        assert.ok(Math.abs(length - expected) <= tolerance(percent / 100), String(length));
      });
    }

    it(`is another one for another limit, of ${kind}`, () => {
      const both = sharedBy('gcra route b main', sharedBy('gcra route a main', keys, 50), 50);
      assert.ok(Math.abs(both.length - KEYS / 4) <= tolerance(0.25), String(both.length));
    });
  }

  it('keeps who is in it when it grows', () => {
    for (const keys of Object.values(KINDS)) {
      const half = new Set(sharedBy('gcra route a main', keys, 50));
      for (const key of sharedBy('gcra route a main', keys, 10)) assert.ok(half.has(key));
    }
  });

  it('is nobody at 0 and everybody at 100', () => {
    for (const keys of Object.values(KINDS)) {
      assert.equal(sharedBy('gcra route a main', keys, 0).length, 0);
      assert.equal(sharedBy('gcra route a main', keys, 100).length, KEYS);
    }
  });
});
