// What the machine runs out of: file descriptors. The disk has its own tests, where logs are written.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { it } from 'node:test';
import { rawClient } from '@turnpike/testkit';
import { runGateway, withOpenFiles } from './running-gateway.ts';

const OPEN_FILES = 140;
const CROWD = 200;
const GET = 'GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n';

it('a gateway without file descriptors goes on, blames no endpoint, says so, and recovers by itself', async (t) => {
  const service = createServer((_, response) => response.end('well')).listen(0, '127.0.0.1');
  // It closes no idle connection: another would take a descriptor.
  service.keepAliveTimeout = 0;
  await once(service, 'listening');
  t.after(() => service.close());
  await using gateway = await runGateway(
    `
listeners: { web: { address: "127.0.0.1:0" } }
services: { main: { endpoints: ["http://127.0.0.1:${(service.address() as AddressInfo).port}"] } }
routes: { all: { match: { path: "/*" }, service: main } }
admin: { address: "127.0.0.1:0" }
runtime: { threads: 2 }
telemetry: { accessLog: off }
`,
    {},
    withOpenFiles(OPEN_FILES),
  );
  // Connections from before: a client, and one that asks whether we are ready.
  const client = await rawClient(gateway.port);
  t.after(() => client.destroy());
  assert.equal((await client.ask(GET)).status, 200);
  const probe = await rawClient(gateway.adminPort);
  t.after(() => probe.destroy());
  const readiness = async () => probe.ask('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.equal((await readiness()).status, 200);

  const usedUp = gateway.logged('file descriptors are used up, and new connections are refused');
  const crowd: Socket[] = [];
  t.after(() => crowd.forEach((socket) => socket.destroy()));
  for (let i = 0; i < CROWD; i++) crowd.push(connect(gateway.port, '127.0.0.1').on('error', () => {})); // some are refused
  await usedUp;
  const answer = await readiness();
  assert.equal(answer.status, 503);
  assert.match(answer.body.toString(), /file descriptors are used up/);
  assert.equal((await client.ask(GET)).status, 200, 'who is there is served');

  const isOver = gateway.logged('there are file descriptors again');
  for (const socket of crowd) socket.destroy();
  await isOver;
  const after = await rawClient(gateway.port);
  t.after(() => after.destroy());
  assert.equal((await after.ask(GET)).status, 200);
  assert.equal((await readiness()).status, 200);
  const endpoints = JSON.parse((await gateway.admin('/endpoints')).body);
  assert.deepEqual(
    endpoints.map(({ state, failed }: { state: string; failed: number }) => [state, failed]),
    [['up', 0]],
  );
  assert.ok(!gateway.log.some(({ message }) => String(message).includes('died')));
});
