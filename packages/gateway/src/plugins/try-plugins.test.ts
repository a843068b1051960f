import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pluginTrial } from './try-plugins.ts';

const GOOD = `import { definePolicy } from '@turnpike/sdk';
import { slot } from './slot.ts';
export default definePolicy({ name: 'good', slot, schema: { type: 'object' }, create: () => (next) => next });`;

const texts = {
  '/p/good.ts': GOOD,
  '/p/slot.ts': `export const slot = 'before-cache' as const;`,
  '/p/hangs.ts': 'while (true);',
};

function use(file: string, digest: string) {
  return { file, digest, with: {}, at: ['routes', 'r', 'policies', 'plugins', 0], route: null };
}

describe('trying plugins', () => {
  it('tells what a plugin says of itself, without a file on the disk', async () => {
    const { faults, facts } = await pluginTrial()([use('/p/good.ts', 'a1')], texts);
    assert.deepEqual(faults, []);
    assert.deepEqual(facts, { '/p/good.ts': { name: 'good', slot: 'before-cache' } });
  });

  it('waits no longer than it has patience; what stands behind is tried when that is mended', async () => {
    const tryPlugins = pluginTrial(300);
    const { faults } = await tryPlugins([use('/p/hangs.ts', 'a3'), use('/p/good.ts', 'a2')], texts);
    assert.deepEqual(
      faults.map(({ message, path }) => [message, path.at(-1)]),
      [['/p/hangs.ts is not ready after 300 ms', 'use']],
    );
  });

  it('does not try again what it knows', async () => {
    const tryPlugins = pluginTrial();
    await tryPlugins([use('/p/good.ts', 'a4')], texts);
    // Now its text would be refused, if somebody looked.
    const { faults, facts } = await tryPlugins([use('/p/good.ts', 'a4')], { '/p/good.ts': 'let a = ;' });
    assert.deepEqual(faults, []);
    assert.equal(facts['/p/good.ts']?.name, 'good');
    const changed = await tryPlugins([use('/p/good.ts', 'a5')], { '/p/good.ts': 'let a = ;' });
    assert.match(changed.faults[0]?.message ?? '', /cannot be read/);
  });
});
