import type { Path } from '@turnpike/config/load';
import type { TestCase, TestFile, TestStep } from '@turnpike/config/cases';
import type { OfflineExchange, OfflineGateway } from '@turnpike/gateway/offline';
import type { Difference } from './differences.ts';
import { countDifferences, differencesOf } from './expectations.ts';
import type { PlayedWorld } from './played-world.ts';
import type { RequestMaker } from './request-of.ts';
import { summaryOf } from './verdicts.ts';

/** What a case is run with. */
export interface Stage {
  readonly tests: TestFile;
  readonly gateway: OfflineGateway;
  readonly world: PlayedWorld;
  readonly requests: RequestMaker;
}

/** A difference, in its place in the file, and what became of the request. */
export interface Failure extends Difference {
  /** From the root of the file. */
  readonly path: Path;
  /** Of several steps, or of several requests: which. */
  readonly which: string;
  readonly summary: string;
}

/** What came of a case. */
export interface CaseRun {
  readonly failures: readonly Failure[];
  /** Every request that it made. */
  readonly exchanges: readonly OfflineExchange[];
}

/** A step, and where what it expects is written. */
interface PlacedStep {
  readonly step: TestStep;
  readonly expectPath: Path;
  readonly name: string;
}

/** Runs a case from the beginning. Its steps go on after a difference, but not after ten. */
export async function runCase(name: string, testCase: TestCase, stage: Stage): Promise<CaseRun> {
  const { tests, gateway, world } = stage;
  gateway.restart();
  world.begin([testCase.services, tests.services], [testCase.authorizers, tests.authorizers]);
  const failures: Failure[] = [];
  const exchanges: OfflineExchange[] = [];
  for (const placed of stepsOf(name, testCase)) {
    const { step } = placed;
    // What stands beside several steps holds for all of them, and is not begun anew with each.
    if (testCase.steps.length > 0) world.beginStep(step.services, step.authorizers);
    if (step.after !== null) await gateway.advance(step.after);
    if (step.request === null) continue;
    const done = await runStep(step, stage);
    exchanges.push(...done);
    failures.push(...failuresOf(placed, done));
    if (failures.length >= MOST_FAILURES) break;
  }
  return { failures: failures.slice(0, MOST_FAILURES), exchanges };
}

const MOST_FAILURES = 10;

/** A case is a step, or has several, for which it says what they leave out. */
function stepsOf(name: string, testCase: TestCase): PlacedStep[] {
  const path = ['cases', name];
  if (testCase.steps.length === 0) return [{ step: testCase, expectPath: [...path, 'expect'], name: '' }];
  return testCase.steps.map((step, index) => {
    const isWait = step.after !== null && step.request === null && step.expect === null;
    const own = ['steps', index];
    return {
      step: isWait ? step : completed(step, testCase),
      expectPath: [...path, ...(step.expect === null ? [] : own), 'expect'],
      name: `step ${index + 1}`,
    };
  });
}

function completed(step: TestStep, { request, token, as, expect }: TestCase): TestStep {
  const credentials = step.token === null && step.as === null ? { token, as } : {};
  return { ...step, ...credentials, request: step.request ?? request, expect: step.expect ?? expect };
}

/** One after the other, or so many at once. */
async function runStep(step: TestStep, { gateway, requests }: Stage): Promise<OfflineExchange[]> {
  const exchanges: OfflineExchange[] = [];
  for (let round = 0; round < (step.repeat ?? 1); round++) {
    const request = await requests.make(step, gateway);
    const atOnce = Array.from({ length: step.atOnce ?? 1 }, () => gateway.handle(request));
    exchanges.push(...(await Promise.all(atOnce)));
  }
  return exchanges;
}

function failuresOf(
  { step, expectPath, name }: PlacedStep,
  exchanges: readonly OfflineExchange[],
): Failure[] {
  const { expect } = step;
  const [first] = exchanges;
  if (expect === null || first === undefined) return [];
  const counted = countDifferences(expect, exchanges).map((difference) => ({
    difference,
    which: name,
    summary: summaryOf(first),
  }));
  const each = exchanges.flatMap((exchange, index) =>
    differencesOf(expect, exchange).map((difference) => ({
      difference,
      which: [name, exchanges.length > 1 ? `request ${index + 1} of ${exchanges.length}` : '']
        .filter((part) => part !== '')
        .join(', '),
      summary: summaryOf(exchange),
    })),
  );
  return [...counted, ...each].map(({ difference, which, summary }) => ({
    ...difference,
    path: [...expectPath, ...difference.path],
    which,
    summary,
  }));
}
