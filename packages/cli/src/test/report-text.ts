import { printIssues } from '../output/issues.ts';
import { plural } from '../output/plural.ts';
import { alignColumns } from '../output/table.ts';
import type { Output } from '../output/terminal.ts';
import type { Coverage } from './coverage.ts';
import { type CaseResult, type PlacedFailure, type SuiteResult, tally } from './results.ts';

/** How much is told. */
export interface TextOptions {
  /** Cases that passed too. */
  readonly isVerbose: boolean;
}

/** Tells people what came of tests: what has failed and why, what nobody holds, and the sum. */
export function printResults(results: readonly SuiteResult[], out: Output, options: TextOptions): void {
  for (const result of results) printSuite(result, out, options);
  const { cases, passed, failed, skipped, broken, requests, durationMs } = tally(results);
  const parts = [
    out.paint(passed > 0 ? 'green' : 'dim', `${passed} passed`),
    ...(failed > 0 ? [out.paint(['bold', 'red'], `${failed} failed`)] : []),
    ...(skipped > 0 ? [out.paint('yellow', `${skipped} skipped`)] : []),
    ...(broken > 0 ? [out.paint(['bold', 'red'], `${plural(broken, 'file')} could not be run`)] : []),
  ];
  const effort = `${plural(requests, 'request')}, ${durationMs.toFixed(0)} ms`;
  out.print(`${plural(cases, 'case')}: ${parts.join(', ')} ${out.paint('dim', `(${effort})`)}`);
}

function printSuite({ issues, cases, coverage }: SuiteResult, out: Output, { isVerbose }: TextOptions): void {
  printIssues(issues, out);
  for (const one of cases) {
    if (isVerbose || one.outcome === 'failed') printCase(one, out);
  }
  if (coverage !== null) printCoverage(coverage, out);
}

function printCase({ name, outcome, reason, failures }: CaseResult, out: Output): void {
  const marks = {
    passed: out.paint('green', '✓'),
    failed: out.paint(['bold', 'red'], '✗'),
    skipped: out.paint('yellow', '-'),
  };
  const why = reason === '' ? '' : out.paint('dim', ` (${reason})`);
  out.print(`${marks[outcome]} ${outcome === 'failed' ? out.paint('bold', name) : name}${why}`);
  for (const failure of failures) printFailure(failure, out);
  if (failures.length > 0) out.print();
}

function printFailure(failure: PlacedFailure, out: Output): void {
  const { file, line, column, what, which, expected, got, summary } = failure;
  const where = which === '' ? '' : `, ${which}`;
  out.print(
    `    ${out.paint('bold', `${file}:${line}:${column}`)}: ${what}${where}`,
    `      expected ${out.paint('green', expected)}`,
    `      got      ${out.paint('red', got)}`,
    `      ${out.paint('dim', summary)}`,
  );
}

function printCoverage({ rules, covered }: Coverage, out: Output): void {
  const open = rules.filter(({ by }) => by === null);
  if (open.length > 0) {
    out.print(out.paint('bold', 'No case fails without:'));
    for (const line of alignColumns(
      open.map(({ name, file, line: row, column }) => [`${file}:${row}:${column}`, name]),
      '    ',
    ))
      out.print(line);
    out.print();
  }
  out.print(`${covered} of ${plural(rules.length, 'rule')} covered: ${percentText(covered, rules.length)}`);
}

/** Rounded down: 100 % means all of them. */
export function percentText(covered: number, all: number): string {
  return `${(Math.floor(percentOf(covered, all) * 10) / 10).toFixed(1)} %`;
}

/** How much is covered, from 0 to 100; where there is nothing, all of it. */
export function percentOf(covered: number, all: number): number {
  return all === 0 ? 100 : (100 * covered) / all;
}
