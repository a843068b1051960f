import assert from 'node:assert/strict';
import { mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dnsServer, withoutDnsServer } from '@turnpike/testkit/dns-server';
import {
  areAt,
  countingEndpoints,
  untilBusy,
  untilDiscovered,
  untilEndpoints,
  urlOf,
  type CountingEndpoint,
} from './discovery-world.ts';
import { runGateway } from './running-gateway.ts';
import { steadyLoad } from './steady-load.ts';

const LOAD = { clients: 8, pauseMs: 10 };
const SOME = 200;

describe('a source that talks nonsense for a while costs no request', { timeout: 180_000 }, () => {
  let endpoints: CountingEndpoint[];

  before(async () => {
    endpoints = await countingEndpoints(3);
  });
  after(async () => {
    for (const endpoint of endpoints) await endpoint[Symbol.asyncDispose]();
  });

  it('a file that is emptied and written again slowly', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-endpoints-'));
    try {
      const [first, second, third] = endpoints;
      const file = join(directory, 'users.yaml');
      await writeFile(file, JSON.stringify([first, second].map((one) => one && urlOf(one))));
      await using gateway = await runGateway(configOf(`{ file: ${file} }`));
      await using load = steadyLoad(gateway.port, LOAD);
      await load.answered(SOME);
      const text = JSON.stringify(endpoints.map(urlOf));
      const written = await open(file, 'w');
      // Nothing, and then half of it: each for as long as it takes to be seen.
      await untilDiscovered(gateway, ({ problem }) => /line 1/.test(problem));
      await written.write(text.slice(0, text.length / 2));
      await load.answered(SOME);
      await rm(file);
      await untilDiscovered(gateway, ({ problem }) => /ENOENT/.test(problem));
      await untilEndpoints(gateway, (all) => all.length === 2);
      await written.close();
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
      await untilBusy(load, third);
      await untilEndpoints(gateway, areAt(endpoints));
      await untilDiscovered(gateway, ({ problem }) => problem === '');
      assert.deepEqual((await load.stop()).failures, []);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('a DNS server that knows the name no more, and then again', { skip: withoutDnsServer() }, async () => {
    const [first, second, third] = endpoints;
    assert.ok(first && second && third);
    await using server = await dnsServer({ hosts: { 'users.test': [first.host, second.host] } });
    const { port } = first;
    const discovery = `{ dns: users.test, port: ${port}, resolvers: ["127.0.0.1:${server.port}"] }`;
    await using gateway = await runGateway(configOf(discovery));
    await untilEndpoints(gateway, areAt([first, second]));
    await using load = steadyLoad(gateway.port, LOAD);
    for (let round = 0; round < 2; round++) {
      await server.changeHosts({ 'others.test': [first.host] });
      await untilDiscovered(gateway, ({ problem }) => /NXDOMAIN/.test(problem));
      await load.answered(SOME);
      await server.changeHosts({ 'users.test': [second.host, third.host] });
      await untilEndpoints(gateway, areAt([second, third]));
      await untilDiscovered(gateway, ({ problem }) => problem === '');
    }
    await untilBusy(load, third);
    assert.deepEqual((await load.stop()).failures, []);
  });
});

function configOf(discovery: string): string {
  return `
listeners: { web: { address: 127.0.0.1:0 } }
services: { users: { discovery: ${discovery} } }
routes: { all: { match: { path: /* }, service: users } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2, drainTimeout: 4s }
`;
}
