import { servicesOf, type GatewayConfig } from '@turnpike/config';
import type { Path } from '@turnpike/config/load';
import type { TestCase } from '@turnpike/config/cases';
import { rulesOf, type Rule } from './rules.ts';
import { runCase, type CaseRun } from './run-case.ts';
import type { DoneCase } from './run-suite.ts';
import { openStage, type Suite } from './suite.ts';

/** A rule, and whether the cases hold it. */
export interface CoveredRule {
  /** As in the file: `routes.user.policies.rateLimit[0]`. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The first case that fails without it, or that goes to this service of a split; null: none does. */
  readonly by: string | null;
}

/** Which rules the cases hold. */
export interface Coverage {
  readonly rules: readonly CoveredRule[];
  readonly covered: number;
}

/** A case that has passed. */
interface Passed {
  readonly name: string;
  readonly testCase: TestCase;
  readonly run: CaseRun;
}

/**
 * A rule is covered if a case fails without it. So each is taken out of the configuration in turn, and the cases that it may
 * concern are run again until one fails. A rule without which the configuration cannot be used needs no case: `turnpike check`
 * says that it is missing. A side of a split is covered if a case has gone there.
 */
export async function coverageOf(suite: Suite, done: readonly DoneCase[]): Promise<Coverage> {
  const { written } = suite.loaded;
  const passed = done.flatMap(({ testCase, run, result }): Passed[] =>
    run === null || result.outcome !== 'passed' ? [] : [{ name: result.name, testCase, run }],
  );
  const rules: CoveredRule[] = [];
  for (const rule of rulesOf(written.document)) {
    const without = written.without(rule.path);
    if (without === null) continue;
    rules.push(ruleAt(suite, rule.path, await failingCase(suite, without, concerned(rule, passed))));
  }
  rules.push(...sidesOf(suite, passed));
  return { rules, covered: rules.filter(({ by }) => by !== null).length };
}

/** Rules of a route concern those who come to it; a condition also those who would come without it. */
function concerned({ route, isCondition }: Rule, passed: readonly Passed[]): readonly Passed[] {
  if (route === null) return passed;
  const own = passed.filter(({ run }) => run.exchanges.some(({ trace }) => trace.record.route === route));
  return isCondition ? [...own, ...passed.filter((one) => !own.includes(one))] : own;
}

async function failingCase(
  suite: Suite,
  config: GatewayConfig,
  cases: readonly Passed[],
): Promise<string | null> {
  if (cases.length === 0) return null;
  const stage = await openStage(suite, config);
  try {
    for (const { name, testCase } of cases) {
      const { failures } = await runCase(name, testCase, stage);
      if (failures.length > 0) return name;
    }
    return null;
  } finally {
    stage.gateway.close();
  }
}

/** Of a split with two sides none can be left out, so it is looked where requests went. */
function sidesOf(suite: Suite, passed: readonly Passed[]): CoveredRule[] {
  const splits = suite.config.routes.filter(({ target }) => target.kind === 'split');
  return splits.flatMap(({ id, target }) =>
    servicesOf(target).map((service) => {
      const goer = passed.find(({ run }) =>
        run.exchanges.some(
          ({ trace, upstream }) =>
            trace.record.route === id && upstream.some((request) => request.service === service),
        ),
      );
      return ruleAt(suite, ['routes', id, 'services', service], goer?.name ?? null);
    }),
  );
}

function ruleAt({ loaded }: Suite, path: Path, by: string | null): CoveredRule {
  const { file, line, column } = loaded.written.locate(path, 'key');
  return { name: nameOf(path), file, line, column, by };
}

/** As the messages of `check` write it. */
function nameOf(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('');
}
