import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { AdminToken } from '../domain/keys.ts';
import type { Store } from '../domain/store.ts';
import { type KeptTokens, TokenBook } from './token-book.ts';

const token = (text: string): AdminToken => ({
  id: `tpa_${text}`,
  name: text,
  digest: hash('sha256', text),
  role: 'editor',
  workspaces: {},
  createdAt: 1,
  createdBy: 'root',
  expiresAt: null,
  lastUsedAt: null,
});

/** A database of tokens that may be away, and a disk. */
function world() {
  let stored: AdminToken[] = [];
  let isAway = false;
  let onDisk: readonly AdminToken[] | null = null;
  const list = async () => {
    if (isAway) throw new Error('away');
    return stored;
  };
  const tokens = { list };
  const kept: KeptTokens = { read: async () => onDisk, write: async (tokens) => void (onDisk = tokens) };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const due: (() => void)[] = [];
  const clock = {
    epoch: () => 1000,
    after: (ms: number, run: () => void) => {
      if (ms < 60_000) due.push(run);
      return () => {};
    },
  };
  const book = () => new TokenBook({ tokens } as unknown as Pick<Store, 'tokens'>, { clock, log, kept });
  const put = (...now: AdminToken[]) => (stored = now);
  return { book, put, away: (is: boolean) => (isAway = is), due, tokens };
}

it('who had a token still has it without the database, also after a restart', async () => {
  const { book, put, away } = world();
  put(token('ada'), token('grace'));
  const before = book();
  await before.refresh();
  put(token('ada'));
  await before.refresh();
  away(true);
  await before.refresh();
  const after = book();
  await after.refresh();
  for (const one of [before, after]) {
    assert.equal(one.find('ada')?.caller.name, 'ada');
    assert.equal(one.find('grace'), null, 'it was removed before');
  }
  away(false);
  put();
  await after.refresh();
  assert.equal(after.find('ada'), null);
});

it('a token that was removed while the database was away is gone soon after it is back', async () => {
  const { book, put, away, due } = world();
  put(token('ada'));
  const one = book();
  await one.refresh();
  put();
  away(true);
  await one.refresh();
  assert.equal(one.find('ada')?.caller.name, 'ada');
  away(false);
  assert.equal(due.length, 1);
  for (const run of due.splice(0)) run();
  await setImmediate(); // all that is under way is done by then
  assert.equal(one.find('ada'), null);
});

it('a removed token is not brought back by an answer that comes late', async () => {
  const { book, put, tokens } = world();
  put(token('ada'));
  const one = book();
  const late = Promise.withResolvers<AdminToken[]>();
  const { list } = tokens;
  tokens.list = () => late.promise;
  const first = one.refresh();
  await Promise.resolve();
  tokens.list = list;
  put();
  const second = one.refresh();
  late.resolve([token('ada')]);
  await Promise.all([first, second]);
  assert.equal(one.find('ada'), null);
});
