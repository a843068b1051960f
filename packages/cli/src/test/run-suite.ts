import type { TestCase } from '@turnpike/config/cases';
import { runCase, type CaseRun, type Failure } from './run-case.ts';
import type { CaseResult, PlacedFailure } from './results.ts';
import { regexIn } from './match-value.ts';
import { openStage, type Suite } from './suite.ts';

/** A case that was run, or left out. */
export interface DoneCase {
  readonly testCase: TestCase;
  readonly run: CaseRun | null;
  readonly result: CaseResult;
}

/** Runs the cases of a suite whose names fit, in their order. */
export async function runSuite(suite: Suite, filter: string | undefined): Promise<readonly DoneCase[]> {
  const stage = await openStage(suite, suite.config);
  const isWanted = filterOf(filter);
  const done: DoneCase[] = [];
  try {
    for (const [name, testCase] of suite.tests.cases) {
      if (!isWanted(name)) continue;
      const startedAtMs = performance.now();
      const run = testCase.skip === null ? await runCase(name, testCase, stage) : null;
      const durationMs = performance.now() - startedAtMs;
      done.push({ testCase, run, result: resultOf(suite, name, { testCase, run, durationMs }) });
    }
  } finally {
    stage.gateway.close();
  }
  return done;
}

/** A part of the name, or `/regex/`. */
function filterOf(filter: string | undefined): (name: string) => boolean {
  if (filter === undefined) return () => true;
  const source = regexIn(filter);
  if (source === null) return (name) => name.includes(filter);
  const expression = new RegExp(source, 'u');
  return (name) => expression.test(name);
}

interface Ran {
  readonly testCase: TestCase;
  readonly run: CaseRun | null;
  readonly durationMs: number;
}

function resultOf({ read }: Suite, name: string, { testCase, run, durationMs }: Ran): CaseResult {
  const failures = (run?.failures ?? []).map((failure) => placed(read, failure));
  const outcome = run === null ? 'skipped' : failures.length > 0 ? 'failed' : 'passed';
  return {
    name,
    line: read.locate(['cases', name], 'key').line,
    outcome,
    reason: testCase.skip ?? '',
    failures,
    requests: run?.exchanges.length ?? 0,
    durationMs,
  };
}

function placed({ file, locate }: Suite['read'], failure: Failure): PlacedFailure {
  const { path, place = '', which, expected, got, summary } = failure;
  const at = path.lastIndexOf('expect');
  const what = path.slice(at).join('.') + place;
  return { file, ...locate(path, 'value'), what, which, expected, got, summary };
}
