import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headersOf } from '../../core/headers.ts';
import { random, type Random } from '../../core/random.ts';
import { askedPauseMs, backoffMs, NEVER } from './backoff.ts';

function at(unit: number): Random {
  return { next: () => 0, below: () => 0, unit: () => unit };
}

describe('the pause before a retry', () => {
  it('doubles up to a quarter of a second', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 9].map((retry) => Math.round(backoffMs(retry, at(0.5)))),
      [25, 50, 100, 200, 250, 250],
    );
  });

  it('is up to a fifth shorter or longer', () => {
    assert.equal(Math.round(backoffMs(1, at(0))), 40);
    assert.equal(Math.round(backoffMs(1, at(1))), 60);
    const source = random(7);
    const pauses = Array.from({ length: 1000 }, () => backoffMs(0, source));
    assert.ok(pauses.every((ms) => ms >= 20 && ms <= 30));
    assert.ok(new Set(pauses).size > 900);
  });
});

describe('the pause that a reply asks for', () => {
  const CASES: readonly (readonly [number, readonly [string, string][], number])[] = [
    [503, [], 0],
    [503, [['Retry-After', '0']], 0],
    [503, [['Retry-After', '1']], 1000],
    [429, [['Retry-After', '1']], 1000],
    [503, [['Retry-After', '2']], NEVER],
    [503, [['Retry-After', '-1']], NEVER],
    [503, [['Retry-After', '0.5']], NEVER],
    [503, [['Retry-After', '99999999999999999999']], NEVER],
    [503, [['Retry-After', 'Wed, 21 Oct 2026 07:28:00 GMT']], NEVER],
    [500, [['Retry-After', '2']], 0],
    [502, [['grpc-retry-pushback-ms', '250']], 250],
    [503, [['grpc-retry-pushback-ms', '1000']], 1000],
    [503, [['grpc-retry-pushback-ms', '1001']], NEVER],
    [503, [['grpc-retry-pushback-ms', '-1']], NEVER],
    [503, [['grpc-retry-pushback-ms', 'soon']], NEVER],
    [
      503,
      [
        ['grpc-retry-pushback-ms', '5'],
        ['Retry-After', '9'],
      ],
      5,
    ],
  ];
  for (const [status, fields, pauseMs] of CASES) {
    it(`is ${pauseMs} ms for ${status} with ${JSON.stringify(fields)}`, () => {
      assert.equal(askedPauseMs(status, headersOf(...fields)), pauseMs);
    });
  }
});
