import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { restartNeeded, credentialsToUse } from './restart-needed.ts';
import { configOf } from './threads-testing.ts';

const token = { token: 'secret', role: 'admin' };
const started = configOf({ admin: { address: '127.0.0.1:9901', tokens: [token] } });

describe('what only a restart changes', () => {
  it('is the number of threads, the state directory and the address of the admin API', () => {
    assert.deepEqual(restartNeeded(started, started), []);
    const other = configOf({
      admin: { address: '127.0.0.1:9902' },
      runtime: { threads: 3, stateDirectory: 'elsewhere' },
    });
    assert.deepEqual(restartNeeded(started, other), [
      'runtime.threads',
      'runtime.stateDirectory',
      'admin.address',
    ]);
    assert.deepEqual(restartNeeded(started, configOf({ admin: 'off' })), ['admin.address']);
  });
});

describe('the credentials of the admin API', () => {
  it('are the new ones', () => {
    const tokens = [{ token: 'new', role: 'viewer' as const }];
    assert.deepEqual(
      credentialsToUse(started, configOf({ admin: { address: '127.0.0.1:9902', tokens } }))?.tokens,
      tokens.map((token) => ({ ...token, name: null, workspaces: [] })),
    );
    const none = { tokens: [], certificates: [], login: null };
    assert.deepEqual(credentialsToUse(started, configOf({ admin: { address: '127.0.0.1:9901' } })), none);
  });

  it('stay when there are none for where it really listens', () => {
    assert.equal(credentialsToUse(started, configOf({ admin: { address: '127.0.0.1:9902' } })), null);
    assert.equal(credentialsToUse(started, configOf({ admin: 'off' })), null);
  });
});
