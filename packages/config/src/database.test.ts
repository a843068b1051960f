import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { plainSource } from './source/source.ts';
import { openConfig, readConfig } from './read-config.ts';

function databaseOf(database: object) {
  const sources = [plainSource('/etc/turnpike/gateway.yaml', { stores: { database } })];
  const resolvePath = (file: string, path: string): string => join(dirname(file), path);
  const resolved = openConfig(sources, resolvePath).finish({});
  return resolved.config?.stores.database;
}

describe('stores.database', () => {
  it('has a path that is relative to its file, and defaults', () => {
    assert.deepEqual(databaseOf({ url: 'sqlite:./turnpike.db' }), {
      databaseUrl: 'sqlite:/etc/turnpike/turnpike.db',
      encryptionKeys: [],
      pollMs: 5000,
      timeoutMs: 2000,
      references: { env: [], files: [] },
      files: [],
    });
  });

  it('has directories of what objects may name, relative to its file', () => {
    const written = { references: { env: ['A_*'], files: ['secrets'] }, files: ['apis'] };
    const { references, files } = databaseOf({ url: 'sqlite:a', ...written }) ?? {};
    assert.deepEqual(
      [references, files],
      [{ env: ['A_*'], files: ['/etc/turnpike/secrets'] }, ['/etc/turnpike/apis']],
    );
  });

  it('has servers as they are written', () => {
    for (const url of ['postgres://u:p%40@db:5433/t?sslmode=verify-full', 'postgresql://db/t'])
      assert.equal(databaseOf({ url })?.databaseUrl, url);
  });

  it('is none where nothing is said', () => {
    const { config } = readConfig([plainSource('/etc/gateway.yaml', {})]);
    assert.equal(config?.stores.database, null);
  });
});
