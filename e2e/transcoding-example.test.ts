// docs/transcoding.md walks through examples/grpc; this does what it says, in its order.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { followGuide } from './guide.ts';
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

it('the guide to transcoding shows what the example does', async (context) => {
  const port = await startExample(context);
  assert.equal(await followGuide(guide, port), 5);
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
