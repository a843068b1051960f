import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatIssue, type Issue, type IssueCode } from '../src/issue.ts';
import { loadTexts } from './fixtures.ts';

/** A text whose only fault is at `»`, which is taken out; and the suggestion. */
export type Row = readonly [text: string, code: IssueCode, suggestion?: string];

/** Files that texts may name. */
const FILES = {
  '/api.json': JSON.stringify({ openapi: '3.1.0', info: { title: 'a', version: '1' }, paths: {} }),
  '/tools.json': JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'a', version: '1' },
    paths: { '/a': { get: { operationId: 'get it', responses: { 200: { description: '' } } } } },
  }),
  '/schema.json': '{}',
};

/** Tests that each of these texts has one fault, in the right place. */
export function describeFaults(sections: Readonly<Record<string, readonly Row[]>>): void {
  for (const [section, rows] of Object.entries(sections)) {
    describe(`faults of ${section}`, () => {
      for (const row of rows) it(`${row[1]} for ${JSON.stringify(row[0])}`, () => assertFault(row, 'error'));
    });
  }
}

/** Tests that each of the first texts has one warning, in the right place, and the others have none. */
export function describeWarnings(rows: readonly Row[], fine: readonly string[]): void {
  describe('warnings', () => {
    for (const row of rows) it(`${row[1]} for ${JSON.stringify(row[0])}`, () => assertFault(row, 'warning'));
    for (const text of fine) {
      it(`are not given for ${JSON.stringify(text)}`, async () => {
        assert.deepEqual((await issuesOf(text)).map(formatIssue), []);
      });
    }
  });
}

async function assertFault([marked, code, suggestion]: Row, severity: Issue['severity']): Promise<void> {
  const before = marked.slice(0, marked.indexOf('»')).split('\n');
  const issues = await issuesOf(marked.replace('»', ''));
  assert.deepEqual(
    issues.map((issue) => [issue.code, issue.line, issue.column, issue.severity]),
    [[code, before.length, (before.at(-1) ?? '').length + 1, severity]],
    issues.map(formatIssue).join('\n'),
  );
  assert.equal(issues[0]?.suggestion, suggestion, issues[0]?.message ?? '');
}

async function issuesOf(text: string): Promise<readonly Issue[]> {
  const { issues } = await loadTexts({ ...FILES, '/g.yaml': text }, {}, ['/g.yaml']);
  return issues;
}
