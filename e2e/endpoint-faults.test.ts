import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { endpointProcess, type EndpointProcess } from '@turnpike/testkit/endpoint-process';
import { runGateway } from './running-gateway.ts';
import { steadyLoad } from './steady-load.ts';

const CLIENTS = 16;
/** Requests between two faults: every client meets every endpoint. */
const SOME = 400;

describe('endpoints that fail under constant load', { timeout: 180_000 }, () => {
  let endpoints: EndpointProcess[];

  before(async () => {
    endpoints = await Promise.all(Array.from({ length: 4 }, () => endpointProcess()));
  });
  beforeEach(async () => {
    for (const endpoint of endpoints) await endpoint.restart();
  });
  after(async () => {
    for (const endpoint of endpoints) await endpoint.kill();
  });

  const config = (service = '', policies = '') => `
listeners: { web: { address: 127.0.0.1:0 } }
services:
  all:
    endpoints: [${endpoints.map(({ url }) => url).join(', ')}]
    outlierDetection: { ejectFor: 500ms }
    ${service}
routes: { all: { match: { path: /* }, service: all, policies: { ${policies} } } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2 }
`;

  it('are restarted one after the other without a failed request, as they come', async () => {
    await using gateway = await runGateway(config());
    await using load = steadyLoad(gateway.port, { clients: CLIENTS });
    await load.answered(SOME);
    for (const endpoint of endpoints) {
      await endpoint.kill();
      await load.answered(SOME);
      await endpoint.restart();
      await load.answered(SOME);
    }
    assert.deepEqual((await load.stop()).failures, []);
  });

  it('die and come back in the same moment without a failed request', async () => {
    await using gateway = await runGateway(config('', 'retry: { attempts: 4, budget: 100% }'));
    await using load = steadyLoad(gateway.port, { clients: CLIENTS });
    for (let round = 0; round < 5; round++) {
      for (const endpoint of endpoints) {
        await load.answered(SOME / 4);
        await endpoint.restart();
      }
    }
    assert.deepEqual((await load.stop()).failures, []);
  });

  it('hang without a failed request, when attempts are short', async () => {
    await using gateway = await runGateway(
      config('timeouts: { connect: 500ms }', 'retry: { attempts: 4, perTry: 500ms, budget: 100% }'),
    );
    await using load = steadyLoad(gateway.port, { clients: CLIENTS });
    await load.answered(SOME);
    for (const endpoint of endpoints.slice(0, 2)) {
      endpoint.pause();
      await load.answered(SOME);
      endpoint.resume();
      await load.answered(SOME);
    }
    assert.deepEqual((await load.stop()).failures, []);
  });
});
