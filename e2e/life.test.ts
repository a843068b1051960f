import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { runGateway, type RunningGateway } from './running-gateway.ts';
import { steadyLoad } from './steady-load.ts';

const CLIENTS = 16;

describe('the life of the program under constant load', () => {
  let origin: Server;
  let url: string;

  before(async () => {
    origin = createServer((_, response) => response.end('{"from":"origin"}'));
    origin.keepAliveTimeout = 60_000;
    const sockets = new WebSocketServer({ server: origin });
    sockets.on('connection', (socket) =>
      socket.on('message', (data) => socket.send(`echo ${data.toString()}`)),
    );
    await once(origin.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  });
  after(() => {
    origin.closeAllConnections();
    origin.close();
  });

  const config = (marker: number) => `
listeners: { web: { address: 127.0.0.1:0 } }
services: { origin: { endpoints: [${url}] } }
routes:
  all: { match: { path: /* }, service: origin }
  live: { match: { path: /live }, service: origin, upgrade: [websocket] }
  marker: { match: { path: /marker }, respond: { body: "${marker}" } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2, drainTimeout: 10s }
`;

  it('loses no request and no WebSocket in 100 reloads', { timeout: 120_000 }, async () => {
    await using gateway = await runGateway(config(0));
    await using load = steadyLoad(gateway.port, { clients: CLIENTS });
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/live`);
    await once(socket, 'open');
    for (let reload = 1; reload <= 100; reload++) {
      await writeFile(gateway.configFile, config(reload));
      const answer = await gateway.admin('/reload', 'POST');
      assert.equal(answer.status, 200, answer.body);
      const marker = await fetch(`http://127.0.0.1:${gateway.port}/marker`, {
        headers: { connection: 'close' },
      });
      assert.equal(await marker.text(), String(reload));
    }
    socket.send('still there');
    const [message] = await once(socket, 'message');
    assert.equal(String(message), 'echo still there');
    socket.terminate();
    const report = await load.stop();
    assert.deepEqual(report.failures, []);
    assert.equal(report.refusedConnections, 0);
    assert.ok(report.answered > 1000, String(report.answered));
  });

  it('keeps the old configuration when the new one is bad, and says so', { timeout: 60_000 }, async () => {
    await using gateway = await runGateway(config(7));
    await writeFile(gateway.configFile, config(8).replace('service: origin', 'service: orign'));
    const answer = await gateway.admin('/reload', 'POST');
    assert.equal(answer.status, 422);
    assert.match(answer.body, /orign/);
    const marker = await fetch(`http://127.0.0.1:${gateway.port}/marker`);
    assert.equal(await marker.text(), '7');
    const ready = await gateway.admin('/readyz?verbose');
    assert.equal(ready.status, 200);
    assert.match(ready.body, /"kind": "(rejected|failed|invalid)"/);
  });

  it('takes a change of the file by itself', { timeout: 60_000 }, async () => {
    await using gateway = await runGateway(config(1));
    await writeFile(gateway.configFile, config(2));
    const deadline = Date.now() + 60_000;
    for (;;) {
      const marker = await fetch(`http://127.0.0.1:${gateway.port}/marker`, {
        headers: { connection: 'close' },
      });
      if ((await marker.text()) === '2') break;
      assert.ok(Date.now() < deadline, 'the change never showed');
    }
  });

  it(
    'replaces a killed thread and fails only what that thread had in hand',
    { timeout: 60_000 },
    async () => {
      await using gateway = await runGateway(config(0));
      await using load = steadyLoad(gateway.port, { clients: CLIENTS });
      await load.answered(500);
      const answer = await gateway.admin('/threads/0/restart?kill=true', 'POST');
      assert.ok(answer.status < 300, answer.body);
      await load.answered(2000);
      await untilThreads(gateway, (threads) => threads.every(({ state }) => state === 'ready'));
      await load.answered(500);
      const report = await load.stop();
      assert.ok(report.failures.length <= CLIENTS, report.failures.join('\n'));
      const restarts = (await gateway.admin('/metrics')).body;
      assert.match(restarts, /^turnpike_thread_restarts_total(\{[^}]*\})? 1$/m);
    },
  );

  it('restarts a thread gracefully without a lost request', { timeout: 60_000 }, async () => {
    await using gateway = await runGateway(config(0));
    await using load = steadyLoad(gateway.port, { clients: CLIENTS });
    await load.answered(500);
    for (const { thread } of await threadsOf(gateway)) {
      let answer = await gateway.admin(`/threads/${thread}/restart`, 'POST');
      // One restart at a time.
      while (answer.status === 409) answer = await gateway.admin(`/threads/${thread}/restart`, 'POST');
      assert.ok(answer.status < 300, answer.body);
      const isReplaced = (threads: ThreadStatus[]) =>
        threads.length === 2 && threads.every((now) => now.thread !== thread && now.state === 'ready');
      await untilThreads(gateway, isReplaced);
      await load.answered(500);
    }
    const report = await load.stop();
    assert.deepEqual(report.failures, []);
  });

  it('drains on SIGTERM: every request that was begun is answered', { timeout: 60_000 }, async () => {
    await using gateway = await runGateway(config(0));
    await using load = steadyLoad(gateway.port, { clients: CLIENTS });
    await load.answered(500);
    const code = await gateway.stop('SIGTERM');
    const report = await load.stop();
    assert.deepEqual(report.failures, []);
    assert.equal(code, 0);
  });
});

interface ThreadStatus {
  readonly thread: number;
  readonly state: string;
}

async function threadsOf(gateway: RunningGateway): Promise<ThreadStatus[]> {
  return JSON.parse((await gateway.admin('/readyz?verbose')).body).threads;
}

/** Asks until the threads are as they should be. */
async function untilThreads(
  gateway: RunningGateway,
  isSo: (threads: ThreadStatus[]) => boolean,
): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const threads = await threadsOf(gateway);
    if (isSo(threads)) return;
    assert.ok(Date.now() < deadline, JSON.stringify(threads));
  }
}
