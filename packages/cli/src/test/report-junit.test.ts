import assert from 'node:assert/strict';
import { it } from 'node:test';
import { junitOf } from './report-junit.ts';
import type { SuiteResult } from './results.ts';

const FAILURE = {
  file: 'a.yaml',
  line: 7,
  column: 3,
  what: 'expect.body',
  which: 'step 1',
  expected: '"<a> & b"',
  got: '"\u0000x\u{1f600}"',
  summary: 'route a, 200',
};
const CASE = { line: 5, reason: '', failures: [], requests: 1, durationMs: 12.3 } as const;

const RESULTS: readonly SuiteResult[] = [
  {
    file: 'a.yaml',
    issues: [],
    cases: [
      { ...CASE, name: 'it "passes"', outcome: 'passed' },
      { ...CASE, name: 'it fails', outcome: 'failed', failures: [FAILURE] },
      { ...CASE, name: 'it waits', outcome: 'skipped', reason: 'later' },
    ],
    coverage: null,
  },
  {
    file: 'b.yaml',
    issues: [
      {
        code: 'SYNTAX',
        message: 'no YAML',
        file: 'b.yaml',
        line: 1,
        column: 2,
        pointer: '',
        severity: 'error',
      },
    ],
    cases: [],
    coverage: null,
  },
];

it('JUnit has a suite for each file, and nothing that XML cannot hold', () => {
  assert.equal(
    junitOf(RESULTS),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="turnpike test" tests="3" failures="1" errors="1" skipped="1" time="0.037">
  <testsuite name="a.yaml" tests="3" failures="1" errors="0" skipped="1" time="0.037">
    <testcase name="it &quot;passes&quot;" classname="a.yaml" file="a.yaml" line="5" time="0.012"/>
    <testcase name="it fails" classname="a.yaml" file="a.yaml" line="5" time="0.012">
      <failure message="expect.body: expected &quot;&lt;a&gt; &amp; b&quot;, got &quot;x😀&quot;" type="expect.body">a.yaml:7:3, step 1&#10;expected &quot;&lt;a&gt; &amp; b&quot;&#10;got      &quot;x😀&quot;&#10;route a, 200</failure>
    </testcase>
    <testcase name="it waits" classname="a.yaml" file="a.yaml" line="5" time="0.012">
      <skipped message="later"/>
    </testcase>
  </testsuite>
  <testsuite name="b.yaml" tests="0" failures="0" errors="1" skipped="0" time="0.000">
    <testcase name="the file can be used" classname="b.yaml">
      <error message="no YAML">b.yaml:1:2</error>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});
