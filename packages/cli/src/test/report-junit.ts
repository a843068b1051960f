import type { CaseResult, PlacedFailure, SuiteResult } from './results.ts';
import { tally } from './results.ts';

/** The results in the form that CI systems read: one `testsuite` a file, one `testcase` a case. */
export function junitOf(results: readonly SuiteResult[]): string {
  const { cases, failed, skipped, broken, durationMs } = tally(results);
  const sum = attributes({
    name: 'turnpike test',
    tests: cases,
    failures: failed,
    errors: broken,
    skipped,
    time: secondsText(durationMs),
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${sum}>\n${results.map(suiteOf).join('')}</testsuites>\n`;
}

function suiteOf(result: SuiteResult): string {
  const { file, issues, cases } = result;
  const { failed, skipped, broken, durationMs } = tally([result]);
  const sum = attributes({
    name: file,
    tests: cases.length,
    failures: failed,
    errors: broken,
    skipped,
    time: secondsText(durationMs),
  });
  const errors = issues.map(
    ({ message, line, column }) =>
      `    <testcase${attributes({ name: 'the file can be used', classname: file })}>\n` +
      `      <error${attributes({ message })}>${escaped(`${file}:${line}:${column}`)}</error>\n    </testcase>\n`,
  );
  return `  <testsuite${sum}>\n${errors.join('')}${cases.map((one) => caseOf(file, one)).join('')}  </testsuite>\n`;
}

function caseOf(file: string, { name, line, outcome, reason, failures, durationMs }: CaseResult): string {
  const about = attributes({ name, classname: file, file, line, time: secondsText(durationMs) });
  if (outcome === 'passed') return `    <testcase${about}/>\n`;
  const inside =
    outcome === 'skipped'
      ? `      <skipped${attributes({ message: reason })}/>\n`
      : failures.map(failureOf).join('');
  return `    <testcase${about}>\n${inside}    </testcase>\n`;
}

function failureOf({ file, line, column, what, which, expected, got, summary }: PlacedFailure): string {
  const text = `${file}:${line}:${column}${which === '' ? '' : `, ${which}`}\nexpected ${expected}\ngot      ${got}\n${summary}`;
  const message = `${what}: expected ${expected}, got ${got}`;
  return `      <failure${attributes({ message, type: what })}>${escaped(text)}</failure>\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
}

function secondsText(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** What XML 1.0 cannot hold in any form is left out. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
