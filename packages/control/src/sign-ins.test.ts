import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Caller } from './domain/callers.ts';
import type { AuditEntry } from './domain/fleet.ts';
import { type SignIn, signInLog } from './sign-ins.ts';

const ADA: Caller = { name: 'ada', via: 'token', role: 'editor', workspaces: new Map() };
const WRONG: SignIn = {
  action: 'login.failed',
  caller: null,
  address: '192.0.2.1',
  target: 'credentials',
  detail: 'they are wrong',
};

function world() {
  const entries: Omit<AuditEntry, 'id'>[] = [];
  let now = 1_000_000;
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (message: string) => warnings.push(message) };
  let isAway = false;
  const audit = {
    add: async (entry: Omit<AuditEntry, 'id'>) => {
      if (isAway) throw new Error('away');
      entries.push(entry);
    },
    list: () => Promise.reject(new Error('nobody asks')),
  };
  const clock = { epoch: () => now, after: () => () => {} };
  const signIns = signInLog({ audit: () => audit, clock, log });
  return { signIns, entries, warnings, pass: (ms: number) => (now += ms), away: () => (isAway = true) };
}

describe('the log of sign-ins', () => {
  it('has who came in, and who did not', () => {
    const { signIns, entries } = world();
    signIns.add({ ...WRONG, action: 'login.done', caller: ADA });
    signIns.add(WRONG);
    signIns.add({ ...WRONG, action: 'login.blocked' });
    assert.deepEqual(
      entries.map(({ action, author, outcome, address }) => [action, author, outcome, address]),
      [
        ['login.done', 'ada', 'done', '192.0.2.1'],
        ['login.failed', '', 'refused', '192.0.2.1'],
        ['login.blocked', '', 'refused', '192.0.2.1'],
      ],
    );
  });

  it('has a token once for each address that it comes from', () => {
    const { signIns, entries } = world();
    for (const address of ['a', 'b', 'a', 'b']) signIns.tokenUsed({ id: 'tpa_1', caller: ADA }, address);
    signIns.tokenUsed({ id: 'tpa_2', caller: ADA }, 'a');
    assert.deepEqual(
      entries.map(({ target, address }) => `${target} ${address}`),
      ['tpa_1 a', 'tpa_1 b', 'tpa_2 a'],
    );
  });

  it('takes so many failures in a minute, then says how many there were, and never leaves out who came in', () => {
    const { signIns, entries, pass } = world();
    for (let i = 0; i < 100; i++) signIns.add(WRONG);
    signIns.add({ ...WRONG, action: 'login.done', caller: ADA });
    assert.equal(entries.length, 61);
    pass(60_000);
    for (let i = 0; i < 3; i++) signIns.add(WRONG);
    assert.deepEqual(
      entries.slice(61).map(({ detail }) => detail),
      ['they are wrong; 40 more in the minutes before are not told', 'they are wrong', 'they are wrong'],
    );
  });

  it('says so when the audit log cannot be written', async () => {
    const { signIns, warnings, away } = world();
    away();
    signIns.add(WRONG);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(warnings, ['the audit log could not be written']);
  });
});
