import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { endpointProcess, type EndpointProcess } from '@turnpike/testkit/endpoint-process';
import { runGateway } from '../running-gateway.ts';
import { steadyLoad } from '../steady-load.ts';
import { namespace, type Namespace } from './namespace.ts';

const CLIENTS = 16;
const SOME = 1000;

describe('hosts that vanish without a word', { timeout: 180_000 }, () => {
  const hosts: Namespace[] = [];
  const endpoints: EndpointProcess[] = [];

  before(async () => {
    for (let number = 1; number <= 3; number++) hosts.push(namespace(number));
    for (const { address, command } of hosts) endpoints.push(await endpointProcess(address, command));
  });
  after(async () => {
    for (const endpoint of endpoints) await endpoint.kill();
    for (const host of hosts) host.remove();
  });

  const config = () => `
listeners: { web: { address: 127.0.0.1:0 } }
services:
  all:
    endpoints: [${endpoints.map(({ url }) => url).join(', ')}]
    timeouts: { connect: 300ms }
    outlierDetection: { ejectFor: 1s }
routes:
  all: { match: { path: /* }, service: all, policies: { timeout: 10s, retry: { attempts: 3, perTry: 1s, budget: 100% } } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2 }
`;

  it('cost no idempotent request', async () => {
    await using gateway = await runGateway(config());
    await using load = steadyLoad(gateway.port, { clients: CLIENTS });
    await load.answered(SOME);
    for (const host of hosts) {
      host.vanish();
      await load.answered(SOME);
      host.comeBack();
      await load.answered(SOME);
    }
    assert.deepEqual((await load.stop()).failures, []);
  });

  it('and come back without knowing of their connections, neither', async () => {
    await using gateway = await runGateway(config());
    await using load = steadyLoad(gateway.port, { clients: CLIENTS });
    await load.answered(SOME);
    for (const [index, host] of hosts.entries()) {
      host.vanish();
      await endpoints[index]?.restart();
      host.comeBack();
      await load.answered(SOME);
    }
    assert.deepEqual((await load.stop()).failures, []);
  });
});
