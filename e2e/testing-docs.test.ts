// docs/testing.md shows files and what the program says of them; this does what it says.
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { directoryWith, root, turnpike } from './cli-program.ts';

const guide = readFileSync(join(root, 'docs/testing.md'), 'utf8');

/** Blocks of code whose first line names their file. */
function files(): Record<string, string> {
  const blocks = guide.matchAll(/^```(?:yaml|ts)\n((?:#|\/\/) (\S+)\n.*?)^```/gms);
  return Object.fromEntries(Array.from(blocks, ([, text = '', name = '']) => [name, text]));
}

/** Lines that begin with `$`, and what is shown below; `…` stands for anything. */
function commands(): { readonly line: string; readonly output: string }[] {
  const blocks = guide.matchAll(/^```console\n\$ turnpike ([^\n]*)\n(.*?)^```/gms);
  return Array.from(blocks, ([, line = '', output = '']) => ({ line, output: output.trim() }));
}

it('the examples of docs/testing.md do what it says', async (context) => {
  const cwd = directoryWith(context, files());
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'));
  const all = commands();
  assert.equal(all.length, 5);
  for (const { line, output } of all) {
    const { out } = await turnpike(line.split(' '), { cwd, env: { ACME_KEY: 'acme-0123456789abcdef' } });
    const parts = output.split('…').map((part) => RegExp.escape(part));
    assert.match(out.trim(), new RegExp(`^${parts.join('.*')}$`, 's'), line);
  }
});
