// docs/plugins.md from nothing to a tested plugin: its files are written to an empty folder, and do what it says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { SLOTS } from '@turnpike/sdk';
import { root, turnpike } from './cli-program.ts';

const guide = readFileSync(join(root, 'docs/plugins.md'), 'utf8');

/** The blocks of the guide that begin with the name of a file, in a folder. */
function written(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-guide-'));
  context.after(() => rmSync(directory, { recursive: true }));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const blocks = guide.matchAll(/^```(?:ts|yaml)\n(?:\/\/|#) (\S+)\n(.*?)^```/gms);
  for (const [, name = '', text = ''] of blocks) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

function node(directory: string, ...args: readonly string[]): string {
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT']; // it is no part of this test
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

describe('the guide to plugins', () => {
  it('shows what check and explain say', async (context) => {
    const cwd = written(context);
    const [, block = ''] = /^```console\n(.*?)^```/ms.exec(guide) ?? [];
    const commands = [...block.matchAll(/^\$ turnpike (.*)\n((?:(?!\$ ).*\n)*)/gm)];
    assert.equal(commands.length, 2);
    for (const [, line = '', output = ''] of commands) {
      const { out } = await turnpike(line.split(' '), { cwd });
      const parts = output
        .trim()
        .split('…')
        .map((part) => RegExp.escape(part.trim()));
      assert.match(out.trim(), new RegExp(`^${parts.join('.*')}$`, 's'));
    }
  });

  it('has a test that passes', (context) => {
    assert.match(node(written(context), '--test', '--test-reporter=spec', 'greet.test.ts'), /pass 2/);
  });

  it('has plugins that are what they say', async (context) => {
    const cwd = written(context);
    const { out, code } = await turnpike(['check', 'gateway.config.ts'], { cwd });
    assert.equal(code, 0, out);
    const text = `
      import assert from 'node:assert/strict';
      import { testGateway } from '@turnpike/gateway/testing';
      import shout from './plugins/shout.ts';
      await using gateway = await testGateway({ policy: shout, services: { service: { body: 'quiet ü' } } });
      assert.equal((await gateway.send('/')).text, 'QUIET Ü');`;
    writeFileSync(join(cwd, 'shout.ts'), text);
    node(cwd, 'shout.ts');
  });

  it('compiles', (context) => {
    const cwd = written(context);
    const options = { ...JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).compilerOptions };
    const config = { compilerOptions: { ...options, preserveSymlinks: false }, include: ['**/*.ts'] };
    writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(join(cwd, 'package.json'), '{"type":"module"}');
    const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', cwd], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout);
  });

  it('names every slot', () => {
    for (const slot of SLOTS) assert.ok(guide.includes(`| \`${slot}\` |`), slot);
  });
});

describe('the examples of plugins', () => {
  it('pass their tests', () => {
    const out = node(root, '--test', '--test-reporter=spec', 'examples/plugins/plugins.test.ts');
    assert.match(out, /fail 0/);
  });
});
