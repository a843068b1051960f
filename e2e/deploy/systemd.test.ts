import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { directoryWith, root } from '../cli-program.ts';

const run = promisify(execFile);
const TOOL = '/usr/bin/systemd-analyze';
const UNIT = readFileSync(join(root, 'deploy/systemd/turnpike@.service'), 'utf8');

const skip = existsSync(TOOL) ? false : 'systemd is not installed';

describe('the unit of systemd', { skip }, () => {
  it('is understood by systemd', async (context) => {
    const program = join(root, 'packages/cli/bin/turnpike.js');
    const directory = directoryWith(context, {
      'turnpike@9901.service': UNIT.replace('/usr/bin/turnpike', program),
    });
    const { stdout, stderr } = await run(TOOL, ['verify', join(directory, 'turnpike@9901.service')]);
    assert.equal(stdout + stderr, '');
  });

  it('gives it few rights, by the measure of systemd', async (context) => {
    const directory = directoryWith(context, { 'turnpike@9901.service': UNIT });
    const unit = join(directory, 'turnpike@9901.service');
    const { stdout } = await run(TOOL, ['security', '--offline=yes', '--threshold=20', '--no-pager', unit]);
    assert.match(stdout, /Overall exposure level for turnpike@9901\.service: [01]\.\d/);
  });
});
