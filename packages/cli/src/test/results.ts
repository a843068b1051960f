import type { Issue } from '@turnpike/config';
import type { Coverage } from './coverage.ts';

/** A failure with its place, for people and for tools. */
export interface PlacedFailure {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** As it is written: `expect.headers.server`. */
  readonly what: string;
  /** Of several steps, or of several requests: which; or `''`. */
  readonly which: string;
  readonly expected: string;
  readonly got: string;
  /** What became of the request. */
  readonly summary: string;
}

/** What came of one case. */
export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped, or `''`. */
  readonly reason: string;
  readonly failures: readonly PlacedFailure[];
  readonly requests: number;
  readonly durationMs: number;
}

/** What came of a file. */
export interface SuiteResult {
  readonly file: string;
  /** Why none of its cases could be run. */
  readonly issues: readonly Issue[];
  readonly cases: readonly CaseResult[];
  /** Null: nobody asked, or a case has failed. */
  readonly coverage: Coverage | null;
}

/** How many cases there are of each outcome. */
export function tally(results: readonly SuiteResult[]) {
  const cases = results.flatMap((result) => result.cases);
  const count = (outcome: CaseResult['outcome']) => cases.filter((one) => one.outcome === outcome).length;
  return {
    cases: cases.length,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    broken: results.filter(({ issues }) => issues.length > 0).length,
    requests: cases.reduce((sum, { requests }) => sum + requests, 0),
    durationMs: cases.reduce((sum, { durationMs }) => sum + durationMs, 0),
  };
}
