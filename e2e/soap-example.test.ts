// docs/soap.md walks through examples/soap; this does what it says, in its order.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { followGuide } from './guide.ts';
import { launchFor, root, startTurnpike, turnpike } from './cli-program.ts';

const guide = readFileSync(join(root, 'docs/soap.md'), 'utf8');

it('the guide to SOAP shows what the example does', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-soap-example-'));
  cpSync(join(root, 'examples/soap'), directory, { recursive: true });
  const service = launchFor(context, [join(root, 'examples/soap/server.mjs')], { env: { STOCK_PORT: '0' } });
  const [, stock = ''] = await service.says(/listening on (\d+)\n/);
  const gateway = startTurnpike(context, ['start', join(directory, 'gateway.yaml')], {
    env: { STOCK_PORT: stock, PORT: '0' },
  });
  context.after(async () => {
    for (const { child } of [service, gateway]) child.kill('SIGKILL'); // first: they write to the directory
    await Promise.all([service.ended, gateway.ended]);
    rmSync(directory, { recursive: true });
  });
  const [, port = ''] = await gateway.says(/"ports":\{"web":(\d+)\}/);
  assert.equal(await followGuide(guide, port), 3);
});

it('explain says which operation of the example a request is for', async () => {
  const config = join(root, 'examples/soap/gateway.yaml');
  const { code, out } = await turnpike(['explain', 'GET', '/prices/ACME?Currency=USD', '-c', config]);
  assert.equal(code, 0);
  assert.match(out, /translation +HTTP and JSON to SOAP 1\.1/);
  assert.match(out, /POST \/stock HTTP/);
  assert.match(out, /SOAP +GetPrice of urn:example:stock/);
});

it('explain says which GraphQL operation a request is for', async () => {
  const config = join(root, 'examples/gateway.example.yaml');
  const secrets = Object.fromEntries(
    Array.from(readFileSync(config, 'utf8').matchAll(/\$\{env:(\w+)\}/g), ([, name = '']) => [
      name,
      'x'.repeat(40),
    ]),
  );
  const { code, out, err } = await turnpike(
    ['explain', 'GET', 'http://api.example.com/people/7', '-c', config],
    { env: secrets },
  );
  assert.equal(code, 0, err);
  assert.match(out, /translation +HTTP and JSON to a GraphQL operation, of which user is the answer/);
  assert.match(out, /GraphQL +GetUser in .*schemas\/operations/);
});
