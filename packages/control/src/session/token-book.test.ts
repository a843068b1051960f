import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { it } from 'node:test';
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
  const kept: KeptTokens = { read: async () => onDisk, write: async (tokens) => void (onDisk = tokens) };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const clock = { epoch: () => 1000, after: () => () => {} };
  const book = () =>
    new TokenBook({ tokens: { list } } as unknown as Pick<Store, 'tokens'>, { clock, log, kept });
  return { book, put: (...tokens: AdminToken[]) => (stored = tokens), away: (is: boolean) => (isAway = is) };
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
