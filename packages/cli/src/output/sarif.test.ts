import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Issue } from '@turnpike/config';
import { sarifOf } from './sarif.ts';

const ISSUE: Issue = {
  code: 'UNKNOWN_KEY',
  message: 'routes.a: unknown key "servce"; did you mean service?',
  file: 'conf/a b.yaml',
  line: 7,
  column: 5,
  pointer: '/routes/a/servce',
  severity: 'error',
};

type Member = Readonly<Record<string, unknown>>;

/** What the schema of SARIF 2.1.0 demands of the parts that we write (OASIS, §3.13, §3.14, §3.19, §3.27 to §3.30, §3.49). */
function assertIsSarif(value: unknown): Member {
  const log = value as { $schema: string; version: string; runs: readonly Member[] };
  assert.deepEqual(Object.keys(log).sort(), ['$schema', 'runs', 'version']);
  assert.equal(log.version, '2.1.0');
  assert.match(log.$schema, /^https:.*sarif-schema-2\.1\.0\.json$/);
  assert.equal(log.runs.length, 1);
  const [run = {}] = log.runs;
  const { driver } = run['tool'] as { driver: Member };
  const rules = driver['rules'] as readonly Member[];
  assert.ok(typeof driver['name'] === 'string' && driver['name'] !== '');
  assert.equal(run['columnKind'], 'utf16CodeUnits');
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
  for (const rule of rules) {
    assert.deepEqual(Object.keys(rule), ['id', 'shortDescription', 'helpUri']);
    assert.ok(URL.canParse(String(rule['helpUri'])));
  }
  const bases = run['originalUriBaseIds'] as Record<string, { uri: string }>;
  // §3.14.14: it ends with a slash.
  for (const { uri } of Object.values(bases)) assert.match(uri, /^file:\/\/.*\/$/);
  for (const result of run['results'] as readonly Member[]) assertIsResult(result, { rules, bases });
  return run;
}

interface Around {
  readonly rules: readonly Member[];
  readonly bases: Readonly<Record<string, unknown>>;
}

function assertIsResult(result: Member, { rules, bases }: Around): void {
  const { ruleId, ruleIndex, level, message, locations, partialFingerprints } = result;
  assert.equal(rules[ruleIndex as number]?.['id'], ruleId);
  assert.ok(['none', 'note', 'warning', 'error'].includes(String(level)));
  assert.ok((message as { text: string }).text !== '');
  assert.ok(
    Object.values(partialFingerprints as Member).every((text) => /^[0-9a-f]{64}$/.test(String(text))),
  );
  for (const location of locations as readonly Member[]) {
    const { artifactLocation, region } = location['physicalLocation'] as Record<string, Member>;
    assert.match(String(artifactLocation?.['uri']), /^[^\s\\]+$/);
    const base = artifactLocation?.['uriBaseId'];
    assert.ok(base === undefined ? URL.canParse(String(artifactLocation?.['uri'])) : String(base) in bases);
    assert.ok(Number(region?.['startLine']) >= 1 && Number(region?.['startColumn']) >= 1);
  }
}

const tool = { version: '1.2.3', directory: '/work' };

describe('SARIF', () => {
  it('has a result for each issue, with its place relative to the directory', () => {
    const issues = [ISSUE, { ...ISSUE, severity: 'warning', code: 'INSECURE' } as const];
    const run = assertIsSarif(JSON.parse(sarifOf(issues, tool)));
    const results = run['results'] as readonly Member[];
    assert.deepEqual(
      results.map(({ ruleId, level }) => [ruleId, level]),
      [
        ['UNKNOWN_KEY', 'error'],
        ['INSECURE', 'warning'],
      ],
    );
    const [location] = (results[0] ?? {})['locations'] as [Member];
    assert.deepEqual(location['physicalLocation'], {
      artifactLocation: { uri: 'conf/a%20b.yaml', uriBaseId: 'ROOT' },
      region: { startLine: 7, startColumn: 5 },
    });
  });

  it('is whole without any issue, and names files outside of the directory in full', () => {
    assertIsSarif(JSON.parse(sarifOf([], tool)));
    const run = assertIsSarif(JSON.parse(sarifOf([{ ...ISSUE, file: '/etc/gateway.yaml' }], tool)));
    assert.match(JSON.stringify(run['results']), /"uri":"file:\/\/\/etc\/gateway\.yaml"/);
  });

  it('knows an issue again that has moved', () => {
    const printOf = (line: number) =>
      (assertIsSarif(JSON.parse(sarifOf([{ ...ISSUE, line }], tool)))['results'] as readonly Member[])[0]?.[
        'partialFingerprints'
      ];
    assert.deepEqual(printOf(7), printOf(70));
  });
});
