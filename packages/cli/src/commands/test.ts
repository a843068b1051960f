import { type Command, configOption } from '../command.ts';
import { EXIT, UsageError } from '../exit-codes.ts';

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
    // A whole gateway: the other commands answer faster without it.
    const [{ runOnce }, { whileWatching }] = await Promise.all([
      import('../test/run-once.ts'),
      import('../test/watch.ts'),
    ]);
    if (!given.has('watch')) return (await runOnce(given, outputs, least)).exitCode;
    if (given.has('json')) throw new UsageError('--watch shows results to people; leave out --json');
    return whileWatching(outputs, () => runOnce(given, outputs, least));
  },
};

function leastCoverage(text: string | undefined): number | null {
  if (text === undefined) return null;
  const percent = /^\d{1,3}(?:\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (percent >= 0 && percent <= 100) return percent;
  throw new UsageError(`--coverage-min: "${text}" is no percentage such as 90%`);
}
