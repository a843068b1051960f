// Takes every rule out of examples/testing/gateway.yaml, one at a time: a case of its suite must fail, or the file is none any more.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { coverageOf } from '../packages/cli/src/test/coverage.ts';
import { runCase } from '../packages/cli/src/test/run-case.ts';
import { runSuite } from '../packages/cli/src/test/run-suite.ts';
import { openStage, openSuite, type Suite } from '../packages/cli/src/test/suite.ts';
import { root, turnpike } from './cli-program.ts';

const TESTS = join(root, 'examples/testing/gateway.test.yaml');
const GATEWAY = join(root, 'examples/testing/gateway.yaml');

type Value = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** What it has of rules, found in another way than the program does: by the shape of the file. */
function rulesIn(document: Value): Path[] {
  const { defaults, routes } = document as { defaults: { policies: Value }; routes: Record<string, Value> };
  return [
    ...policiesIn(defaults.policies, ['defaults', 'policies']),
    ...Object.entries(routes).flatMap(([id, { match, policies = {}, ...others }]) => [
      ['routes', id],
      ...conditionsIn(match as Value, ['routes', id, 'match']),
      ...Object.keys(others).map((key) => ['routes', id, key]),
      ...policiesIn(policies as Value, ['routes', id, 'policies']),
    ]),
  ];
}

function conditionsIn(match: Value, at: Path): Path[] {
  return Object.entries(match).flatMap(([key, value]) => [
    [...at, key],
    ...(key === 'headers' || key === 'query'
      ? Object.keys(value as Value).map((name) => [...at, key, name])
      : []),
  ]);
}

/** Each policy, and each member or item of it. */
function policiesIn(policies: Value, at: Path): Path[] {
  return Object.entries(policies).flatMap(([policy, value]) => {
    const path = [...at, policy];
    if (Array.isArray(value)) return [path, ...value.map((_, index) => [...path, index])];
    if (typeof value !== 'object' || value === null) return [path];
    return [path, ...Object.keys(value).map((key) => [...path, key])];
  });
}

function without(value: unknown, [part, ...rest]: Path): unknown {
  if (Array.isArray(value))
    return rest.length === 0
      ? value.filter((_, index) => index !== part)
      : value.map((item: unknown, index) => (index === part ? without(item, rest) : item));
  const { [String(part)]: member, ...others } = value as Value;
  return rest.length === 0 ? others : { ...(value as Value), [String(part)]: without(member, rest) };
}

/** How the suite takes it: the name of the first case that fails, or that there is nothing to test. */
async function verdictOn(config: string): Promise<string> {
  const opened = await openSuite(TESTS, [config]);
  if (opened.kind === 'broken') return 'no configuration';
  const { suite } = opened;
  const stage = await openStage(suite, suite.config);
  try {
    for (const [name, testCase] of suite.tests.cases) {
      const { failures } = await runCase(name, testCase, stage);
      if (failures.length > 0) return name;
    }
    return 'all pass';
  } finally {
    stage.gateway.close();
  }
}

async function theSuite(): Promise<Suite> {
  const opened = await openSuite(TESTS, []);
  assert.ok(opened.kind === 'suite');
  return opened.suite;
}

describe('the suite of examples/testing', () => {
  const document = parse(readFileSync(GATEWAY, 'utf8')) as Value;
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'turnpike-rules-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('passes', async () => {
    const { code, out } = await turnpike(['test', TESTS]);
    assert.equal(code, 0, out);
  });

  it('notices each rule that is taken out', async () => {
    const rules = rulesIn(document);
    assert.ok(rules.length > 100, `${rules.length} rules`);
    const unnoticed: string[] = [];
    const impossible: string[] = [];
    for (const path of rules) {
      const file = join(directory, 'gateway.json');
      writeFileSync(file, JSON.stringify(without(document, path)));
      const verdict = await verdictOn(file);
      const name = path.join('.');
      if (verdict === 'all pass') unnoticed.push(name);
      // Names of routes are in the tests: a route that is gone is a name that is unknown.
      else if (verdict === 'no configuration' && path.length > 2) impossible.push(name);
    }
    assert.deepEqual(unnoticed, []);
    assert.ok(impossible.length < rules.length / 3, impossible.join('\n'));
  });

  it('covers all rules, as the program counts them', async () => {
    const suite = await theSuite();
    const { rules, covered } = await coverageOf(suite, await runSuite(suite, undefined));
    assert.deepEqual(
      rules.filter(({ by }) => by === null).map(({ name }) => name),
      [],
    );
    assert.ok(covered > 60);
  });

  it('leaves open what its cases do not look at', async () => {
    const suite = await theSuite();
    const few = await coverageOf(suite, await runSuite(suite, 'ping'));
    assert.deepEqual(
      few.rules.filter(({ by }) => by === 'ping').map(({ name }) => name),
      ['defaults.policies.securityHeaders', 'routes.ping'],
    );
  });
});
