import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../../../core/random.ts';
import type { Freshness } from './freshness.ts';
import { requestDirectivesOf } from './request-directives.ts';
import { answerOf, fields, freshnessFrom, NOW_MS } from './rules-testing.ts';
import { isRefreshDue, mayStandIn, useOf, useWhenPurged, type Use } from './use.ts';

type Row = readonly [section: string, response: string, ageMs: number, request: string, use: Use];

const table: readonly Row[] = [
  ['RFC 9111 §4.2', 'max-age=60', 0, '', 'fresh'],
  ['RFC 9111 §4.2', 'max-age=60', 59_999, '', 'fresh'],
  ['RFC 9111 §4.2', 'max-age=60', 60_000, '', 'validate'],
  ['RFC 9111 §4.2', 'max-age=0', 0, '', 'validate'],
  ['RFC 9111 §5.2.2.4', 'max-age=60, no-cache', 0, '', 'validate'],
  ['RFC 9111 §5.2.2.2', 'max-age=60, must-revalidate', 5, '', 'fresh'],
  ['RFC 5861 §3', 'max-age=60, stale-while-revalidate=30', 60_000, '', 'refresh'],
  ['RFC 5861 §3', 'max-age=60, stale-while-revalidate=30', 89_999, '', 'refresh'],
  ['RFC 5861 §3', 'max-age=60, stale-while-revalidate=30', 90_000, '', 'validate'],
  ['RFC 5861 §3', 'max-age=60, must-revalidate, stale-while-revalidate=30', 60_000, '', 'validate'],
  ['RFC 9111 §5.2.1.4', 'max-age=60', 0, 'no-cache', 'validate'],
  ['RFC 9111 §5.2.1.4', 'max-age=60, stale-while-revalidate=30', 70_000, 'no-cache', 'validate'],
  ['RFC 9111 §5.2.1.1', 'max-age=60', 10_000, 'max-age=10', 'fresh'],
  ['RFC 9111 §5.2.1.1', 'max-age=60', 10_001, 'max-age=10', 'validate'],
  ['RFC 9111 §5.2.1.1', 'max-age=60', 1, 'max-age=0', 'validate'],
  ['RFC 9111 §5.2.1.1', 'max-age=60', 61_000, 'max-age=90', 'validate'],
  ['RFC 9111 §5.2.1.1', 'max-age=60, stale-while-revalidate=30', 61_000, 'max-age=90', 'validate'],
  ['RFC 9111 §5.2.1.1', 'max-age=60', 61_000, 'max-age=90, max-stale', 'stale'],
  ['RFC 9111 §5.2.1.1', 'max-age=60, stale-while-revalidate=30', 61_000, 'max-age=90, max-stale', 'refresh'],
  ['RFC 9111 §5.2.1.2', 'max-age=60', 70_000, 'max-stale=10', 'stale'],
  ['RFC 9111 §5.2.1.2', 'max-age=60', 70_001, 'max-stale=10', 'validate'],
  ['RFC 9111 §5.2.1.2', 'max-age=60', 1_000_000, 'max-stale', 'stale'],
  ['RFC 9111 §5.2.1.2', 'max-age=60, must-revalidate', 61_000, 'max-stale', 'validate'],
  ['RFC 9111 §5.2.1.2', 's-maxage=60', 61_000, 'max-stale', 'validate'],
  ['RFC 9111 §5.2.1.2', 's-maxage=60, stale-while-revalidate=30', 61_000, 'max-stale', 'refresh'],
  ['RFC 9111 §5.2.1.3', 'max-age=60', 50_000, 'min-fresh=10', 'fresh'],
  ['RFC 9111 §5.2.1.3', 'max-age=60', 50_001, 'min-fresh=10', 'validate'],
  ['RFC 9111 §5.2.1.3', 'max-age=60, stale-while-revalidate=30', 70_000, 'min-fresh=1', 'validate'],
  ['RFC 9111 §5.2.1.5', 'max-age=60', 0, 'no-store', 'fresh'],
];

function freshnessOfText(text: string): Freshness {
  return freshnessFrom(answerOf(`Cache-Control: ${text}`));
}

describe('useOf', () => {
  for (const [section, response, ageMs, request, use] of table) {
    it(`says ${use} of ${response} after ${ageMs} ms, asked for with "${request}" (${section})`, () => {
      const wishes = requestDirectivesOf(fields(`Cache-Control: ${request}`));
      assert.equal(useOf(freshnessOfText(response), wishes, NOW_MS + ageMs), use);
    });
  }

  it('never gets better with time, whatever both sides say', () => {
    const worse: readonly Use[] = ['fresh', 'refresh', 'stale', 'validate'];
    const { below } = random(11);
    const some = (name: string): string => (below(2) === 0 ? '' : `, ${name}=${below(8)}`);
    for (let round = 0; round < 2000; round++) {
      const response = `x${some('max-age')}${some('s-maxage')}${some('stale-while-revalidate')}`;
      const request = `x${some('max-age')}${some('min-fresh')}${some('max-stale')}`;
      const freshness = freshnessOfText(response);
      const wishes = requestDirectivesOf(fields(`Cache-Control: ${request}`));
      const uses = Array.from({ length: 40 }, (_, i) => useOf(freshness, wishes, NOW_MS + i * 500));
      const ranks = uses.map((use) => worse.indexOf(use));
      const context = `${response} / ${request}: ${uses.join(' ')}`;
      assert.ok(
        ranks.every((rank, i) => i === 0 || rank >= (ranks[i - 1] ?? 0)),
        context,
      );
    }
  });
});

describe('useWhenPurged', () => {
  it('gives nothing without asking again', () => {
    const windowed = freshnessOfText('max-age=60, stale-while-revalidate=30');
    const plain = freshnessOfText('max-age=60');
    assert.deepEqual(
      [useWhenPurged('fresh', windowed), useWhenPurged('fresh', plain), useWhenPurged('validate', windowed)],
      ['refresh', 'validate', 'validate'],
    );
  });
});

describe('mayStandIn', () => {
  const rows: readonly (readonly [
    section: string,
    response: string,
    ageMs: number,
    request: string,
    may: boolean,
  ])[] = [
    ['RFC 5861 §4', 'max-age=60, stale-if-error=30', 60_000, '', true],
    ['RFC 5861 §4', 'max-age=60, stale-if-error=30', 89_999, '', true],
    ['RFC 5861 §4', 'max-age=60, stale-if-error=30', 90_000, '', false],
    ['RFC 5861 §4', 'max-age=60, stale-if-error=30', 70_000, 'max-age=5', true],
    ['RFC 5861 §4', 'max-age=60, stale-if-error=30', 10, '', true],
    ['RFC 5861 §4', 'max-age=60', 61_000, '', false],
    ['RFC 9111 §5.2.1.4', 'max-age=60, stale-if-error=30', 61_000, 'no-cache', false],
    ['RFC 9111 §5.2.2.2', 'max-age=60, stale-if-error=30, must-revalidate', 61_000, '', false],
    ['RFC 9111 §5.2.2.4', 'max-age=60, stale-if-error=30, no-cache', 10, '', false],
  ];
  for (const [section, response, ageMs, request, may] of rows) {
    it(`says ${may} of ${response} after ${ageMs} ms, asked for with "${request}" (${section})`, () => {
      const wishes = requestDirectivesOf(fields(`Cache-Control: ${request}`));
      assert.equal(mayStandIn(freshnessOfText(response), wishes, NOW_MS + ageMs), may);
    });
  }
});

describe('isRefreshDue', () => {
  const freshness = freshnessOfText('max-age=60');

  it('is certain at the end, and likelier the nearer it is', () => {
    const due = (leftMs: number, chance: number): boolean =>
      isRefreshDue(freshness, NOW_MS + 60_000 - leftMs, { fetchMs: 100, chance });
    assert.deepEqual(
      [due(0, 0), due(1, 0), due(69, 0.5), due(70, 0.5), due(1000, 0.999)],
      [true, false, true, false, false],
    );
  });

  it('asks earlier by the time that a fetch takes, on the average', () => {
    const { unit } = random(5);
    let sumMs = 0;
    for (let i = 0; i < 10_000; i++) {
      const chance = unit();
      let leftMs = 2000;
      while (!isRefreshDue(freshness, NOW_MS + 60_000 - leftMs, { fetchMs: 100, chance })) leftMs--;
      sumMs += leftMs;
    }
    assert.ok(Math.abs(sumMs / 10_000 - 100) < 5, `${sumMs / 10_000} ms`);
  });
});
