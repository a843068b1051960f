// docs/steering.md, line by line, against a gateway that runs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { it } from 'node:test';
import { directoryWith, freePorts, root, startTurnpike } from './cli-program.ts';

const guide = readFileSync(new URL('../docs/steering.md', import.meta.url), 'utf8');

it('does what the guide says', async (context) => {
  const [web = 0, admin = 0] = await freePorts(2);
  const [, config = ''] = /```yaml\n([^]*?)```/.exec(guide) ?? [];
  const cwd = directoryWith(context, {
    'gateway.yaml': `${config.replace(':8080', `:${web}`).replace(':9901', `:${admin}`)}runtime: { threads: 1 }\n`,
  });
  const shim = join(cwd, 'turnpike');
  writeFileSync(
    shim,
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'packages/cli/bin/turnpike.js')}" "$@"\n`,
  );
  chmodSync(shim, 0o755);
  const gateway = startTurnpike(context, ['start', 'gateway.yaml'], { cwd });
  await gateway.says(/"message":"serving"/);

  const env = {
    ...process.env,
    NO_COLOR: '1',
    PATH: `${cwd}${delimiter}${process.env['PATH'] ?? ''}`,
    TURNPIKE_ADMIN: `127.0.0.1:${admin}`,
  };
  const steps = Array.from(guide.matchAll(/^\$ (.*)\n((?:(?!\$ |```).*\n)*)/gm));
  for (const [, line = '', expected = ''] of steps) {
    const command = line.replaceAll(':9901', `:${admin}`);
    const { stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd,
      env,
      encoding: 'utf8',
      timeout: 60_000,
    });
    const told = (stdout + stderr).replaceAll(/^It is shown only now.*\n/gm, '');
    assert.match(squeezed(told), patternOf(expected), `${line}\n${told}`);
  }
  assert.ok(steps.length > 20);
});

/** Columns are as wide as what is in them, which differs from run to run; ends of lines are not looked at. */
function squeezed(text: string): string {
  return text.replaceAll(/ {2,}/g, '  ').replaceAll(/ +$/gm, '').trim();
}

/** What is printed, where `…` is any text of a line. */
function patternOf(expected: string): RegExp {
  const parts = squeezed(expected)
    .split('…')
    .map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('[^\\n]*')}$`);
}
