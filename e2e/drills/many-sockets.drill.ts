import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { runGateway } from '../running-gateway.ts';
import { echoService, socketCrowd } from '../socket-crowd.ts';

const CLIENTS = Number(process.env['SOCKETS'] ?? 10_000);
const RELOADS = 100;

const config = (url: string, marker: number) => `
listeners:
  web: { address: 127.0.0.1:0, limits: { connections: 100000, connectionsPerClient: 100000 } }
services: { echo: { endpoints: [${url}], connections: { perEndpoint: 100000 } } }
routes:
  live: { match: { path: /live }, service: echo, upgrade: [websocket] }
  marker: { match: { path: /marker }, respond: { body: "${marker}" } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2, drainTimeout: 60s }
`;

/** Ten thousand WebSockets through a hundred reloads and a drain: none is lost that was not told why. */
describe(`${CLIENTS} WebSockets`, { timeout: 600_000 }, () => {
  it(`through ${RELOADS} reloads and a drain`, async (test) => {
    await using service = await echoService();
    await using gateway = await runGateway(config(service.url, 0));
    const startedAtMs = performance.now();
    const crowd = await socketCrowd(`ws://127.0.0.1:${gateway.port}/live`, CLIENTS);
    const openedAtMs = performance.now();
    for (let reload = 1; reload <= RELOADS; reload++) {
      await writeFile(gateway.configFile, config(service.url, reload));
      const answer = await gateway.admin('/reload', 'POST');
      assert.equal(answer.status, 200, answer.body);
    }
    const reloadedAtMs = performance.now();
    assert.equal(crowd.open, CLIENTS);
    await crowd.roundTrip();
    const residentMib = residentOf(await gateway.admin('/metrics'));
    const code = await gateway.stop('SIGTERM');
    await crowd.gone();
    assert.deepEqual([...crowd.ends], [['1001 the gateway is about to stop', CLIENTS]]);
    assert.equal(code, 0);
    const [first = 0] = crowd.endedAtMs;
    test.diagnostic(
      JSON.stringify({
        openedInMs: Math.round(openedAtMs - startedAtMs),
        reloadedInMs: Math.round(reloadedAtMs - openedAtMs),
        goodbyesOverMs: Math.round((crowd.endedAtMs.at(-1) ?? 0) - first),
        mostGoodbyesInASecond: mostInASecond(crowd.endedAtMs),
        residentMib,
      }),
    );
  });
});

function residentOf({ body }: { readonly body: string }): number {
  return Math.round(Number(/^process_resident_memory_bytes (\S+)/m.exec(body)?.[1]) / 2 ** 20);
}

function mostInASecond(timesMs: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const ms of timesMs) counts.set(Math.floor(ms / 1000), (counts.get(Math.floor(ms / 1000)) ?? 0) + 1);
  return Math.max(...counts.values());
}
