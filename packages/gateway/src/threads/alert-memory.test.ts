import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import type { Log } from '../core/ports.ts';
import type { SavedAlert } from '../observe/alerts/saved-alert.ts';
import { AlertMemory } from './alert-memory.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-alerts-'));
after(() => rm(root, { recursive: true }));

let directories = 0;

function memoryIn(stateDirectory = join(root, String(++directories), 'state')) {
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => warnings.push(message) };
  const clock = manualClock();
  const memory = new AlertMemory({ stateDirectory, clock, log });
  return { memory, clock, warnings, stateDirectory, path: join(stateDirectory, 'alerts.json') };
}

const quiet: SavedAlert = { name: 'a', meaning: 'm', firing: null, told: null, readings: [[1, 2, 3]] };
const firing: SavedAlert = { ...quiet, firing: { severity: 'page', startedAtMs: 5 } };

describe('the memory of alerts', () => {
  it('finds what was written, which only the owner may read', async () => {
    const { memory, path, stateDirectory } = memoryIn();
    assert.deepEqual(await memory.load(), []);
    memory.offer([firing]);
    await memory.idle();
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(stateDirectory), ['alerts.json']);
    assert.deepEqual(await memoryIn(stateDirectory).memory.load(), [firing]);
  });

  it('writes nothing without alerts, but forgets those that are gone', async () => {
    const { memory, path, stateDirectory } = memoryIn();
    memory.offer([]);
    await memory.close([]);
    await assert.rejects(stat(path));
    await memory.close([firing]);
    const next = memoryIn(stateDirectory).memory;
    await next.load();
    await next.close([]);
    assert.deepEqual(await memoryIn(stateDirectory).memory.load(), []);
  });

  it('writes at once what people were told, and counters once a minute', async () => {
    const { memory, clock, path, stateDirectory } = memoryIn();
    const offered = async (alert: SavedAlert): Promise<readonly SavedAlert[]> => {
      memory.offer([alert]);
      await memory.idle();
      return memoryIn(stateDirectory).memory.load();
    };
    assert.deepEqual(await offered(quiet), [quiet]);
    const later: SavedAlert = { ...quiet, readings: [[9, 9, 9]] };
    clock.advance(59_000);
    assert.deepEqual(await offered(later), [quiet]);
    clock.advance(1000);
    assert.deepEqual(await offered(later), [later]);
    assert.deepEqual(await offered(firing), [firing]);
    assert.ok((await readFile(path, 'utf8')).length < 500);
  });

  const damages: readonly [string, (path: string) => Promise<void>][] = [
    ['is empty', (path) => truncate(path, 0)],
    ['lacks its end', async (path) => truncate(path, (await stat(path)).size - 10)],
    ['is something else', (path) => writeFile(path, '{"alerts":[]}')],
    ['is huge', (path) => truncate(path, 64 * 1024 * 1024)],
  ];
  for (const [name, damage] of damages)
    it(`begins anew when the file ${name}, says so, and replaces it`, async () => {
      const { memory, path, stateDirectory } = memoryIn();
      await memory.close([firing]);
      await damage(path);
      const next = memoryIn(stateDirectory);
      assert.deepEqual(await next.memory.load(), []);
      assert.equal(next.warnings.length, 1);
      await next.memory.close([quiet]);
      assert.deepEqual(await memoryIn(stateDirectory).memory.load(), [quiet]);
    });

  it('goes on without a disk, and says so once', async () => {
    const { path, stateDirectory, memory } = memoryIn();
    await memory.close([firing]);
    const blocked = memoryIn(join(path, 'no directory', stateDirectory));
    await blocked.memory.load();
    const warnings = blocked.warnings.length;
    blocked.memory.offer([firing]);
    await blocked.memory.idle();
    blocked.memory.offer([quiet]);
    await blocked.memory.close([quiet]);
    assert.equal(blocked.warnings.length, warnings + 1);
  });
});
