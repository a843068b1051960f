// What stays of a plugin after it was loaded anew: Node.js forgets no module, so each content costs its module, and nothing else
// that belonged to it may stay.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../src/core/ports.ts';
import { PluginModules } from '../../src/plugins/plugin-modules.ts';
import { routePlugins } from '../../src/plugins/route-plugins.ts';

const RELOADS = 300;
/** For a plugin of 2 KiB. Measured: 8 KiB; with coverage or a debugger it is more. */
const MOST_BYTES_EACH = 48 * 1024;
const FILE = '/plugins/leak.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Of the heap, once nothing that can go is there. What a `WeakRef` was made of stays until the end of the turn. */
async function usedBytes(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function textOf(version: number): string {
  return `import { definePolicy } from '@turnpike/sdk';
// ${'a line of a plugin '.repeat(80)}
export default definePolicy({
  name: 'leak', slot: 'before-cache', schema: { type: 'object' },
  create: (config, { signal }) => {
    const memory = new Array(100_000).fill(${version});
    return (next) => async (exchange) => (memory.length === 0 ? null : next(exchange));
  },
});`;
}

/** Brings one version into use, as a thread does with a snapshot; gives what was made of it. */
async function use(modules: PluginModules, version: number): Promise<WeakRef<object>> {
  const plugin = { file: FILE, digest: version.toString(16) };
  await modules.prepare({ plugins: [plugin], documents: { [FILE]: textOf(version) } });
  const plugins = routePlugins({ policyOf: modules.use({ plugins: [plugin] }), log, clock: systemClock });
  const entry = { ...plugin, name: '', slot: '', mode: 'on', with: {} } as const;
  const [made] = plugins.of({ id: 'r', policies: { plugins: [entry] } as never }, []);
  plugins.retire();
  return new WeakRef(made?.around ?? assert.fail('nothing was made'));
}

describe('loading a plugin anew, hundreds of times', () => {
  it('keeps the modules, and nothing that was made of them', async () => {
    const modules = new PluginModules();
    const made: WeakRef<object>[] = [];
    for (let version = 1; version <= 50; version++) made.push(await use(modules, version));
    const before = await usedBytes();
    for (let version = 51; version <= 50 + RELOADS; version++) made.push(await use(modules, version));
    const bytesEach = ((await usedBytes()) - before) / RELOADS;
    assert.ok(bytesEach < MOST_BYTES_EACH, `${Math.round(bytesEach)} bytes stay of each`);
    const alive = made.filter((one) => one.deref() !== undefined).length;
    assert.ok(alive <= 2, `${alive} of ${made.length} are still there`);
  });

  it('costs nothing where the content was there before', async () => {
    const modules = new PluginModules();
    await use(modules, 1);
    const before = await usedBytes();
    for (let i = 0; i < RELOADS; i++) await use(modules, (i % 2) + 1);
    const bytesEach = ((await usedBytes()) - before) / RELOADS;
    assert.ok(bytesEach < 4096, `${Math.round(bytesEach)} bytes stay of each`);
  });
});
