import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { enableConnectionMigration } from './connection-migration.ts';
import { hearLog } from './threads-testing.ts';

const isRoot = process.getuid?.() === 0;

it('asks Linux to migrate waiting connections if it may, and says so', { skip: !isRoot }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-sysctl-'));
  const setting = join(directory, 'tcp_migrate_req');
  await writeFile(setting, '0\n');
  const log = hearLog();
  await enableConnectionMigration(log, setting);
  await enableConnectionMigration(log, setting);
  assert.equal(await readFile(setting, 'utf8'), '1');
  assert.deepEqual(
    log.entries.map(({ level }) => level),
    ['info'],
  );
  await rm(directory, { recursive: true });
});

it(
  'says how to do it, for those who look, where it cannot',
  { skip: process.platform !== 'linux' },
  async () => {
    const log = hearLog();
    await enableConnectionMigration(log, '/nowhere/tcp_migrate_req');
    assert.deepEqual(
      log.entries.map(({ level }) => level),
      ['debug'],
    );
  },
);
