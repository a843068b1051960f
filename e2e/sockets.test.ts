import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { within } from '@turnpike/testkit';
import { runGateway } from './running-gateway.ts';
import { echoService, socketCrowd } from './socket-crowd.ts';

const CLIENTS = 300;
const RELOADS = 20;
const PATIENCE_MS = 60_000;

const config = (url: string, marker: number, routes = ['live', 'other']) => `
listeners: { web: { address: 127.0.0.1:0 } }
services: { echo: { endpoints: [${url}] } }
routes:
  marker: { match: { path: /marker }, respond: { body: "${marker}" } }
${routes.map((route) => `  ${route}: { match: { path: /${route} }, service: echo, upgrade: [websocket] }`).join('\n')}
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2, drainTimeout: 20s }
`;

describe('WebSockets of the program', () => {
  it('live through reloads, and hear why they end', { timeout: 120_000 }, async () => {
    await using service = await echoService();
    await using gateway = await runGateway(config(service.url, 0));
    const crowd = await socketCrowd(`ws://127.0.0.1:${gateway.port}/live`, CLIENTS);
    const removed = await socketCrowd(`ws://127.0.0.1:${gateway.port}/other`, CLIENTS / 10);
    for (let reload = 1; reload <= RELOADS; reload++) {
      await writeFile(gateway.configFile, config(service.url, reload));
      const answer = await gateway.admin('/reload', 'POST');
      assert.equal(answer.status, 200, answer.body);
    }
    await within(crowd.roundTrip(), 'echoes after the reloads', PATIENCE_MS);
    await within(removed.roundTrip(), 'echoes after the reloads', PATIENCE_MS);
    const metrics = (await gateway.admin('/metrics')).body;
    assert.match(metrics, new RegExp(`^turnpike_websockets\\{route="live"\\} ${CLIENTS}$`, 'm'));

    await writeFile(gateway.configFile, config(service.url, 0, ['live']));
    assert.equal((await gateway.admin('/reload', 'POST')).status, 200);
    await within(removed.gone(), 'the end of those whose route is gone', PATIENCE_MS);
    assert.deepEqual([...removed.ends], [['1012 this is not served any more', CLIENTS / 10]]);
    assert.equal(crowd.open, CLIENTS);

    const code = await gateway.stop('SIGTERM');
    await within(crowd.gone(), 'the end of all', PATIENCE_MS);
    assert.deepEqual([...crowd.ends], [['1001 the gateway is about to stop', CLIENTS]]);
    assert.equal(code, 0);
  });
});
