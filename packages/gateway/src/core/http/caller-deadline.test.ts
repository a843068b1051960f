import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headersOf } from '../headers.ts';
import { callerWaitMs } from './caller-deadline.ts';

const CASES: readonly (readonly [readonly (readonly [string, string])[], number])[] = [
  [[], Infinity],
  [[['Accept', '5S']], Infinity],
  [[['grpc-timeout', '2H']], 7_200_000],
  [[['grpc-timeout', '2M']], 120_000],
  [[['Grpc-Timeout', '2S']], 2000],
  [[['grpc-timeout', '99999999m']], 99_999_999],
  [[['grpc-timeout', '1500u']], 1.5],
  [[['grpc-timeout', '0n']], 0],
  [[['grpc-timeout', '100000000m']], Infinity],
  [[['grpc-timeout', '2']], Infinity],
  [[['grpc-timeout', 'S']], Infinity],
  [[['grpc-timeout', '2h']], Infinity],
  [[['grpc-timeout', '+2S']], Infinity],
  [[['grpc-timeout', '2constructor']], Infinity],
  [[['Connect-Timeout-Ms', '250']], 250],
  [[['Connect-Timeout-Ms', '9999999999']], 9_999_999_999],
  [[['Connect-Timeout-Ms', '99999999999']], Infinity],
  [[['Connect-Timeout-Ms', '1e3']], Infinity],
  [
    [
      ['grpc-timeout', '1S'],
      ['Connect-Timeout-Ms', '250'],
    ],
    250,
  ],
  [
    [
      ['grpc-timeout', '3S'],
      ['grpc-timeout', '1S'],
    ],
    1000,
  ],
];

describe('how long a caller waits', () => {
  for (const [fields, waitMs] of CASES) {
    it(`is ${waitMs} ms by ${JSON.stringify(fields)}`, () => {
      assert.ok(Math.abs(callerWaitMs(headersOf(...fields)) - waitMs) < 1e-9 || waitMs === Infinity);
      assert.equal(Number.isFinite(callerWaitMs(headersOf(...fields))), Number.isFinite(waitMs));
    });
  }
});
