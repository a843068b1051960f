// docs/transcoding.md walks through examples/grpc; this does what it says, in its order.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { launchFor, root, startTurnpike, turnpike } from './cli-program.ts';

const guide = readFileSync(join(root, 'docs/transcoding.md'), 'utf8');

/** Starts the service and the gateway, on ports that are free, and gives that of the gateway. */
async function startExample(context: TestContext): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-grpc-example-'));
  cpSync(join(root, 'examples/grpc'), directory, { recursive: true });
  const service = launchFor(context, [join(root, 'examples/grpc/server.mjs')], {
    env: { GREETER_PORT: '0' },
  });
  const [, greeter = ''] = await service.says(/listening on (\d+)\n/);
  const gateway = startTurnpike(context, ['start', join(directory, 'gateway.yaml')], {
    env: { GREETER_PORT: greeter, PORT: '0' },
  });
  context.after(async () => {
    for (const { child } of [service, gateway]) child.kill('SIGKILL'); // first: they write to the directory
    await Promise.all([service.ended, gateway.ended]);
    rmSync(directory, { recursive: true });
  });
  const [, port = ''] = await gateway.says(/"ports":\{"web":(\d+)\}/);
  return port;
}

/** What `curl` would print; the guide uses -X, -d and -H. */
async function curl(line: string): Promise<string> {
  const words = Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain = '']) => quoted ?? plain);
  const after = (option: string): string[] => words.filter((_, i) => words[i - 1] === option);
  const [body = null] = after('-d');
  const [method = body === null ? 'GET' : 'POST'] = after('-X');
  const headers = after('-H').map((field) => field.split(/: (.*)/, 2) as [string, string]);
  const url = words.find((word) => word.startsWith('http:')) ?? assert.fail(line);
  return (await fetch(url, { method, headers, body })).text();
}

it('the guide to transcoding shows what the example does', async (context) => {
  const port = await startExample(context);
  const lines = Array.from(guide.matchAll(/^\$ (curl .*)\n((?:[^$`].*\n)*)/gm));
  for (const [, line = '', output = ''] of lines) {
    const text = await curl(line.replace(':8080', `:${port}`));
    assert.equal(text.trim(), output.trim(), line);
  }
  assert.equal(lines.length, 5);
});

it('the example has an OpenAPI document', async () => {
  const { code, out } = await turnpike([
    'openapi',
    'greeter',
    '-c',
    join(root, 'examples/grpc/gateway.yaml'),
  ]);
  assert.equal(code, 0);
  const { openapi, paths } = JSON.parse(out) as { openapi: string; paths: object };
  assert.equal(openapi, '3.1.0');
  assert.deepEqual(Object.keys(paths), [
    '/v1/hello/{name}',
    '/v1/hello',
    '/v1/hello/{name}:keep',
    '/greeter.v1.Greeter/Forget',
  ]);
});
