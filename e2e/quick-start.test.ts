// docs/quick-start.md takes its reader from nothing to a gateway with a dashboard; this types what it says.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { directoryWith, freePorts, launchFor, root, startTurnpike } from './cli-program.ts';

const page = readFileSync(join(root, 'docs/quick-start.md'), 'utf8');
const run = promisify(execFile);

/** A piece of the page: a file to write, or a line to type and what is shown below; `…` stands for anything. */
type Step =
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'line'; readonly line: string; readonly output: string };

function stepsOf(text: string): Step[] {
  const blocks = text.matchAll(/^```(yaml|console)\n(.*?)^```/gms);
  return Array.from(blocks).flatMap(([, language, block = '']): Step[] => {
    if (language === 'yaml') return block.startsWith('# my-') ? [{ kind: 'file', text: block }] : [];
    const lines = block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm);
    return Array.from(lines, ([, line = '', output = '']) => ({ kind: 'line', line, output: output.trim() }));
  });
}

/** The ports of the page, and those that are free here. */
async function portsFor(context: TestContext): Promise<(text: string) => string> {
  const names = ['8080', '9901', '9001', '9002', '8081', '9902'];
  const free = await freePorts(names.length);
  const [PORT, ADMIN_PORT, USERS_PORT, ORDERS_PORT] = free.map(String);
  const demo = launchFor(context, [join(root, 'examples/quickstart/start.ts')], {
    env: { PORT, ADMIN_PORT, USERS_PORT, ORDERS_PORT } as Record<string, string>,
  });
  await demo.says(/"message":"serving"/);
  return (text) => text.replaceAll(/(?<=:)\d{4}\b/g, (port) => String(free[names.indexOf(port)] ?? port));
}

it('the quick start does what it says', async (context) => {
  const here = await portsFor(context);
  const cwd = directoryWith(context, {});
  const program = `"${process.execPath}" "${join(root, 'packages/cli/bin/turnpike.js')}"`;
  const type = async (line: string): Promise<string> => {
    const command = here(line).replace('npx turnpike', program);
    return (await run('bash', ['-c', command], { cwd })).stdout.trim();
  };
  let isRunning = false;
  /** What saving the file does, at a moment that is known. */
  const save = async (text: string): Promise<void> => {
    writeFileSync(join(cwd, 'my-gateway.yaml'), here(text));
    if (!isRunning) return;
    const reply = await fetch(here('http://127.0.0.1:9902/reload'), { method: 'POST' });
    assert.equal(reply.status, 200, await reply.text());
  };

  const steps = stepsOf(page);
  assert.equal(steps.filter(({ kind }) => kind === 'file').length, 4);
  for (const step of steps) {
    if (step.kind === 'file') {
      await save(step.text);
      continue;
    }
    assertLooksLike(await type(step.line), step);
    if (!step.line.startsWith('npx turnpike check')) continue;
    const gateway = startTurnpike(context, ['start', 'my-gateway.yaml'], { cwd });
    await gateway.says(/"message":"serving"/);
    isRunning = true;
  }
  const dashboard = await fetch(here('http://127.0.0.1:9902/'), { headers: { Accept: 'text/html' } });
  assert.match(await dashboard.text(), /<title>Turnpike/);
});

function assertLooksLike(text: string, { line, output }: { line: string; output: string }): void {
  const parts = output.split('…').map((part) => RegExp.escape(part));
  assert.match(text, new RegExp(`^${parts.join('.*')}$`, 's'), line);
}
