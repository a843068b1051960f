import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StrainedSeat } from './strain-report.ts';
import { readiness, statusView, type StatusParts } from './status.ts';
import { configOf } from './threads-testing.ts';

const seat = (state: StrainedSeat['state']): StrainedSeat => ({
  thread: 0,
  state,
  revision: 1,
  deaths: 0,
  aliveMs: 1,
  strain: { lag: 0, memory: 0, sheds: [] },
});
const issue = {
  code: 'UNKNOWN_KEY',
  message: 'unknown key',
  file: 'a.yaml',
  line: 1,
  column: 1,
  pointer: '',
  severity: 'error',
} as const;

const parts: StatusParts = {
  phase: 'serving',
  version: '1.2.3',
  sources: ['/etc/a.yaml'],
  current: { number: 4, config: configOf({}), appliedAt: 0 },
  lastReload: null,
  rescue: null,
  threads: [seat('ready')],
  ports: new Map([['web', 8080]]),
  openFiles: { open: 40, limit: 1024 },
  office: { identityProviders: [], addressLists: [], discovery: [], descriptors: [], acme: [] },
  control: null,
};

describe('a gateway is ready', () => {
  const cases: readonly [StatusParts['phase'], readonly StrainedSeat['state'][], readonly string[]][] = [
    ['serving', ['ready', 'ready'], []],
    ['serving', ['gone', 'ready'], []],
    ['serving', ['gone', 'starting', 'draining'], ['no data thread is ready']],
    ['starting', ['ready', 'starting'], ['starting']],
    ['stopping', ['ready', 'draining'], ['draining']],
  ];
  for (const [phase, states, reasons] of cases) {
    it(`${reasons.length === 0} when it is ${phase} and its threads are ${states.join(', ')}`, () => {
      const found = readiness({ phase, threads: states.map(seat), openFiles: null });
      assert.deepEqual(found, { isReady: reasons.length === 0, reasons });
    });
  }

  it('as long as it has file descriptors left', () => {
    const reasonsWith = (open: number) => readiness({ ...parts, openFiles: { open, limit: 1024 } }).reasons;
    assert.deepEqual(reasonsWith(1000), []);
    assert.deepEqual(reasonsWith(1024), ['file descriptors are used up']);
  });
});

const at = '2026-01-02T03:04:05.678Z';

function state(more: Partial<StatusParts>): string {
  const { configuration } = statusView({ ...parts, ...more }) as { configuration: { state: string } };
  return configuration.state;
}

describe('the status', () => {
  it('says whether what is in use is what is on disk', () => {
    assert.equal(state({}), 'current');
    assert.equal(
      state({ lastReload: { at, reason: 'x', result: { kind: 'unchanged', revision: 4 } } }),
      'current',
    );
    assert.equal(
      state({ lastReload: { at, reason: 'x', result: { kind: 'rejected', issues: [issue] } } }),
      'stale',
    );
    assert.equal(
      state({ lastReload: { at, reason: 'x', result: { kind: 'failed', message: 'no' } } }),
      'stale',
    );
    const rescue = { path: '/s/last-good.json', revision: 3, savedAt: at, issues: [issue] };
    assert.equal(state({ rescue }), 'last-known-good');
  });

  it('shows the first issues of a reload, and how many there are', () => {
    const issues = Array.from({ length: 50 }, (_, line) => ({ ...issue, line }));
    const view = statusView({
      ...parts,
      lastReload: { at, reason: 'x', result: { kind: 'rejected', issues } },
    });
    const { lastReload } = view as { lastReload: { result: { count: number; issues: unknown[] } } };
    assert.equal(lastReload.result.count, 50);
    assert.equal(lastReload.result.issues.length, 10);
  });
});
