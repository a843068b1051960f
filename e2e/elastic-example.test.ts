// examples/elastic: what the gateway writes is what Filebeat is told to read, as documents of Elastic Common Schema.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { assertEcs } from '../packages/gateway/src/observe/ecs-testing.ts';
import { root } from './cli-program.ts';
import { runGateway } from './running-gateway.ts';

const EXAMPLE = join(root, 'examples/elastic');

it('the example with the Elastic stack writes what its Filebeat reads', async () => {
  const [, name = ''] = /paths: \[\/turnpike\/(.+)\]/.exec(fileText('filebeat.yml')) ?? [];
  assert.match(fileText('compose.yaml'), /\.\/:\/turnpike:ro/);
  const config = fileText('gateway.yaml')
    .replace('":8080"', '127.0.0.1:0')
    .replace('127.0.0.1:9901', '127.0.0.1:0');
  await using gateway = await runGateway(config);
  const file = join(dirname(gateway.configFile), name);
  await fetch(`http://127.0.0.1:${gateway.port}/health`, { headers: { 'x-tenant': 'acme' } });
  await eventually(() => readFileSync(file, 'utf8').endsWith('\n'), 'a line');
  const document = JSON.parse(readFileSync(file, 'utf8'));
  assertEcs(document);
  assert.deepEqual([document.turnpike.route, document.labels], ['health', { tenant: 'acme' }]);
});

function fileText(name: string): string {
  return readFileSync(join(EXAMPLE, name), 'utf8');
}
