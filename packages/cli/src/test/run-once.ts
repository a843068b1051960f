import { writeFile } from 'node:fs/promises';
import type { Given } from '../command.ts';
import { EXIT, type ExitCode, Failure } from '../exit-codes.ts';
import type { Outputs } from '../output/terminal.ts';
import { coverageOf } from './coverage.ts';
import { junitOf } from './report-junit.ts';
import { percentOf, printResults } from './report-text.ts';
import { type SuiteResult, tally } from './results.ts';
import { runSuite } from './run-suite.ts';
import { openSuite } from './suite.ts';

/** What came of a run, and the files that it depends on. */
export interface Once {
  readonly exitCode: ExitCode;
  readonly files: readonly string[];
}

/** Runs all suites, and tells what came of them. `least` is the coverage in percent that is demanded. */
export async function runOnce(given: Given, outputs: Outputs, least: number | null): Promise<Once> {
  const results: SuiteResult[] = [];
  const files = new Set<string>();
  const wantsCoverage = given.has('coverage') || least !== null;
  for (const file of given.words) {
    const opened = await openSuite(file, given.list('config'));
    for (const one of opened.files) files.add(one);
    if (opened.kind === 'broken') {
      results.push({ file, issues: opened.issues, cases: [], coverage: null });
      continue;
    }
    const done = await runSuite(opened.suite, given.text('filter'));
    const cases = done.map(({ result }) => result);
    const hasPassed = cases.every(({ outcome }) => outcome !== 'failed');
    const coverage = wantsCoverage && hasPassed ? await coverageOf(opened.suite, done) : null;
    results.push({ file, issues: [], cases, coverage });
  }
  await report(given, outputs, results);
  return { exitCode: exitCodeOf(results, least, outputs), files: [...files] };
}

async function report(given: Given, { out }: Outputs, results: readonly SuiteResult[]): Promise<void> {
  if (given.has('json')) out.print(JSON.stringify({ ...tally(results), suites: results }, null, 2));
  else printResults(results, out, { isVerbose: given.has('verbose') });
  const file = given.text('junit');
  if (file === undefined) return;
  try {
    await writeFile(file, junitOf(results));
  } catch (error) {
    throw new Failure(`the results cannot be written to ${file}`, { cause: error });
  }
}

function exitCodeOf(results: readonly SuiteResult[], least: number | null, { err }: Outputs): ExitCode {
  const { cases, failed, broken } = tally(results);
  if (broken > 0) return EXIT.configuration;
  if (failed > 0) return EXIT.tests;
  if (cases === 0) {
    err.print('no case was run');
    return EXIT.tests;
  }
  const poor = results.filter(({ coverage }) => coverage !== null && isLess(coverage, least));
  for (const { file } of poor) err.print(`${file}: less than ${least} % of the rules is covered`);
  return poor.length > 0 ? EXIT.tests : EXIT.ok;
}

function isLess({ covered, rules }: NonNullable<SuiteResult['coverage']>, least: number | null): boolean {
  return least !== null && percentOf(covered, rules.length) < least;
}
