import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ageField, ageSecondsOf, bornAtMsOf } from './age.ts';
import { dateAt, fields, NOW_MS } from './rules-testing.ts';

describe('ageSecondsOf', () => {
  const table: readonly (readonly [lines: readonly string[], seconds: number | null])[] = [
    [[], null],
    [['Age: 0'], 0],
    [['Age: 7200'], 7200],
    [['Age: 2147483649'], 2147483648],
    [['Age: 7200, 0'], 7200],
    [['Age: 0,7200'], 0],
    [['Age: 0', 'Age: 7200'], 0],
    [['Age: abc'], null],
    [['Age: -7200'], null],
    [['Age: 7200.0'], null],
    [['Age: 7200;foo=bar'], null],
    [['Age: , 5'], null],
  ];
  for (const [lines, seconds] of table) {
    it(`reads ${seconds} from ${JSON.stringify(lines)} (RFC 9111 §5.1)`, () => {
      assert.equal(ageSecondsOf(fields(...lines)), seconds);
    });
  }
});

describe('bornAtMsOf', () => {
  type Row = readonly [name: string, lines: readonly string[], tookMs: number, ageMs: number];
  const table: readonly Row[] = [
    ['nothing is said', [], 0, 0],
    ['it took a while', [], 1500, 1500],
    ['it was made now', [`Date: ${dateAt(0)}`], 0, 0],
    ['it was made before', [`Date: ${dateAt(-7200)}`], 0, 7_200_000],
    ['the clock of the service is fast', [`Date: ${dateAt(10)}`, 'Age: 15'], 0, 15_000],
    ['the clock of the service is slow', [`Date: ${dateAt(-10)}`, 'Age: 25'], 0, 25_000],
    ['Date makes it older than Age', [`Date: ${dateAt(-100)}`, 'Age: 25'], 0, 100_000],
    ['it has an age and took a while', [`Date: ${dateAt(0)}`, 'Age: 30'], 2000, 32_000],
    ['Date makes no sense', ['Date: yesterday'], 0, 0],
  ];
  for (const [name, lines, tookMs, ageMs] of table) {
    it(`makes it ${ageMs} ms old where ${name} (RFC 9111 §4.2.3)`, () => {
      const timing = { askedAtMs: NOW_MS - tookMs, answeredAtMs: NOW_MS };
      assert.equal(NOW_MS - bornAtMsOf(fields(...lines), timing), ageMs);
    });
  }

  it('does not take what was made in the same second for old (RFC 9110 §5.6.7)', () => {
    const answeredAtMs = NOW_MS + 999;
    const born = bornAtMsOf(fields(`Date: ${dateAt(0)}`), { askedAtMs: answeredAtMs, answeredAtMs });
    assert.equal(born, answeredAtMs);
  });

  it('survives a clock that is set back while it waits', () => {
    const timing = { askedAtMs: NOW_MS + 60_000, answeredAtMs: NOW_MS };
    assert.equal(bornAtMsOf(fields(), timing), NOW_MS);
  });
});

describe('ageField', () => {
  it('is in whole seconds and never negative (RFC 9111 §5.1)', () => {
    assert.deepEqual(
      [-5000, 0, 999, 1000, 3999].map((ageMs) => ageField(NOW_MS, NOW_MS + ageMs)),
      [0, 0, 0, 1, 3],
    );
  });
});
