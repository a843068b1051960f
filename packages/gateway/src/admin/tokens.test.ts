import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { plainSource, readConfig } from '@turnpike/config';
import { covers } from './callers.ts';
import { authenticator, withHashedSecrets, withHashedTokens } from './tokens.ts';

const digest = `sha256:${createHash('sha256').update('hidden').digest('hex')}`;
const BARE = { name: null, workspaces: [] } as const;
const authenticate = authenticator([
  { token: 'look', ...BARE, role: 'viewer' },
  { token: 'rule', ...BARE, role: 'admin' },
  { token: 'both', ...BARE, role: 'viewer' },
  { token: 'both', ...BARE, role: 'editor' },
  { token: digest, ...BARE, role: 'editor' },
]);

describe('a token', () => {
  const cases: readonly [string | undefined, string | null][] = [
    ['Bearer look', 'viewer'],
    ['bearer rule', 'admin'],
    ['Bearer   rule ', 'admin'],
    ['Bearer both', 'editor'],
    ['Bearer hidden', 'editor'],
    [`Bearer ${digest}`, null],
    ['Bearer rul', null],
    ['Bearer rulee', null],
    ['Bearer', null],
    ['Bearer ', null],
    ['Basic rule', null],
    ['rule', null],
    ['', null],
    [undefined, null],
  ];
  for (const [authorization, role] of cases) {
    it(`${String(authorization).slice(0, 30)} has the role ${role}`, () => {
      assert.equal(authenticate(authorization)?.role ?? null, role);
    });
  }

  it('is nobody’s where there are none', () => {
    assert.equal(authenticator([])('Bearer '), null);
  });
});

describe('a role', () => {
  it('includes those below', () => {
    assert.ok(covers('admin', 'editor') && covers('editor', 'viewer') && covers('viewer', 'viewer'));
    assert.ok(!covers('viewer', 'editor') && !covers('editor', 'admin'));
  });
});

describe('a configuration for the disk', () => {
  it('has digests in place of tokens, which still let their bearers in', () => {
    const { config } = readConfig([
      plainSource('a.yaml', {
        listeners: { web: { address: '127.0.0.1:0' } },
        admin: { tokens: [{ token: 'look', role: 'viewer' }] },
      }),
    ]);
    assert.ok(config?.admin);
    const hashed = withHashedTokens(config);
    assert.doesNotMatch(JSON.stringify(hashed), /look/);
    assert.equal(authenticator(hashed.admin?.tokens ?? [])('Bearer look')?.role, 'viewer');
    assert.deepEqual(withHashedTokens(hashed), hashed);
    assert.equal(config.admin.tokens[0]?.token, 'look');
  });

  it('has digests in place of the keys of consumers', () => {
    const written = [{ key: 'hidden-0123456789', expires: '2027-01-31' }, digest];
    const { config } = readConfig([plainSource('a.yaml', { consumers: { c: { keys: written } } })]);
    assert.ok(config);
    const hashed = withHashedSecrets(config);
    const expected = createHash('sha256').update('hidden-0123456789').digest('hex');
    assert.deepEqual(hashed.consumers[0]?.keys, [
      { key: `sha256:${expected}`, expiresAtMs: Date.UTC(2027, 0, 31) },
      { key: digest, expiresAtMs: null },
    ]);
    assert.deepEqual(withHashedSecrets(hashed), hashed);
    assert.equal(config.consumers[0]?.keys[0]?.key, 'hidden-0123456789');
  });
});
