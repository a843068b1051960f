import { writeFile } from 'node:fs/promises';
import { type Command, configOption, type Given } from '../command.ts';
import { EXIT, type ExitCode, Failure, UsageError } from '../exit-codes.ts';
import type { Outputs } from '../output/terminal.ts';
import { coverageOf } from '../test/coverage.ts';
import { junitOf } from '../test/report-junit.ts';
import { percentOf, printResults } from '../test/report-text.ts';
import { type SuiteResult, tally } from '../test/results.ts';
import { runSuite } from '../test/run-suite.ts';
import { openSuite } from '../test/suite.ts';
import { whileWatching } from '../test/watch.ts';

/** `turnpike test`. */
export const test: Command = {
  name: 'test',
  summary: 'run tests of a configuration, without a network',
  description:
    'Runs cases against a configuration: a request, and the route, verdicts, upstream request and response that must come of ' +
    'it. The gateway is the real one, in one process and without a socket: services, identity providers and services that ' +
    'authorize are played, and time passes when a case says so. docs/testing.md explains the files.\n\n' +
    'With --coverage each rule of the configuration is taken out in turn: it is covered if a case fails without it.',
  parameters: [
    { name: 'FILE', count: 'some', about: 'files of tests: YAML, JSON, or a module with defineTests' },
  ],
  options: [
    { ...configOption, about: 'the configuration, in place of the one that the files of tests name' },
    {
      name: 'filter',
      value: { kind: 'text', name: 'TEXT' },
      about: 'only cases whose name has this in it, or fits /regex/',
    },
    { name: 'coverage', value: { kind: 'none' }, about: 'say which routes and rules no case covers' },
    {
      name: 'coverage-min',
      value: { kind: 'text', name: 'PERCENT' },
      about: 'fail if less than this is covered, such as 90%',
    },
    { name: 'junit', value: { kind: 'text', name: 'FILE' }, about: 'write the results as JUnit XML, for CI' },
    { name: 'verbose', value: { kind: 'none' }, about: 'name the cases that passed as well' },
    { name: 'watch', value: { kind: 'none' }, about: 'run again when a file changes, until Ctrl-C' },
    { name: 'json', value: { kind: 'none' }, about: 'print one JSON document, for programs' },
  ],
  examples: [
    { line: 'turnpike test gateway.test.yaml', about: 'all cases' },
    { line: 'turnpike test gateway.test.yaml --filter limit --watch', about: 'while you write them' },
    {
      line: 'turnpike test tests/*.yaml --coverage-min 90% --junit results.xml',
      about: 'in CI',
    },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration, EXIT.tests],
  run: async (given, outputs) => {
    const least = leastCoverage(given.text('coverage-min'));
    if (!given.has('watch')) return (await runOnce(given, outputs, least)).exitCode;
    if (given.has('json')) throw new UsageError('--watch shows results to people; leave out --json');
    return whileWatching(outputs, () => runOnce(given, outputs, least));
  },
};

/** What came of a run, and the files that it depends on. */
interface Once {
  readonly exitCode: ExitCode;
  readonly files: readonly string[];
}

async function runOnce(given: Given, outputs: Outputs, least: number | null): Promise<Once> {
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

function leastCoverage(text: string | undefined): number | null {
  if (text === undefined) return null;
  const percent = /^\d{1,3}(?:\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (percent >= 0 && percent <= 100) return percent;
  throw new UsageError(`--coverage-min: "${text}" is no percentage such as 90%`);
}
