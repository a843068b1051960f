// A client and servers of grpc-js, with the built program between them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { codes, EchoClient, echoServer, type EchoServer } from './grpc-world.ts';
import { runGateway, type RunningGateway } from './running-gateway.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('gRPC through the gateway', { timeout: 120_000 }, () => {
  let servers: EchoServer[];
  let gateway: RunningGateway;
  let client: EchoClient;
  let folder: string;

  before(async () => {
    servers = await Promise.all([echoServer(), echoServer()]);
    folder = await mkdtemp(join(tmpdir(), 'turnpike-grpc-'));
    gateway = await runGateway(`
listeners: { web: { address: 127.0.0.1:0 } }
services:
  echo:
    endpoints: [${servers.map(({ port }) => `grpc://127.0.0.1:${port}`).join(', ')}]
    balancer: round-robin
    health: { type: grpc }
    outlierDetection: off
  nobody: { endpoints: [grpc://127.0.0.1:1] }
routes:
  echo: { match: { path: /test.Echo/* }, service: echo, policies: { retry: { on: [connect-failure, unavailable] } } }
  hang: { match: { path: /test.Echo/Hang }, service: echo, policies: { timeout: 5s } }
  nobody: { match: { path: /test.Nobody/* }, service: nobody }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: { to: ${folder}/access.log } }
runtime: { threads: 1 }
`);
    client = new EchoClient(gateway.port);
  });
  after(async () => {
    client?.close();
    await gateway?.[Symbol.asyncDispose]();
    for (const server of servers) server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const total = (name: string): number => servers.reduce((sum, { calls }) => sum + (calls.get(name) ?? 0), 0);

  const logged = async (path: string): Promise<Record<string, unknown>[]> => {
    const text = await readFile(join(folder, 'access.log'), 'utf8');
    const lines = text.split('\n').filter((line) => line.includes(`"path":"${path}"`));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it('carries unary calls with metadata and trailers', async () => {
    const outcome = await client.unary('hello', { 'x-mine': 'mine', 'x-data-bin': '\u0000\u0001' });
    assert.equal(outcome.code, codes.OK, outcome.details);
    assert.equal(outcome.text, 'echo hello');
    assert.deepEqual(outcome.head?.get('x-head'), ['before']);
    assert.deepEqual(outcome.trailers.get('x-trailer'), ['after']);
    const told = servers.flatMap(({ metadata }) => metadata.get('x-mine'));
    assert.deepEqual(told, ['mine']);
    const data = servers.flatMap(({ metadata }) => metadata.get('x-data-bin'));
    assert.deepEqual(data, [Buffer.of(0, 1)]);
  });

  it('carries streams of the client, of the server, and of both', async () => {
    const messages = Array.from({ length: 50 }, () => Buffer.alloc(20_000, 'm'));
    assert.equal(await client.collect(messages), '1000000');
    const { lengths, trailers } = await client.repeat(200, 10_000);
    assert.deepEqual(
      lengths,
      Array.from({ length: 200 }, () => 10_000),
    );
    assert.deepEqual(trailers.get('x-trailer'), ['after']);
    const talk = client.talk();
    for (const word of ['one', 'two', 'three']) {
      talk.write(Buffer.from(word));
      const [answer] = await once(talk, 'data');
      assert.equal(String(answer), word);
    }
    const status = once(talk, 'status');
    talk.end();
    talk.resume();
    assert.equal((await status)[0].code, codes.OK);
  });

  it('hands on how a call ended', async () => {
    const outcome = await client.unary('', { 'x-fail': '5' });
    assert.deepEqual([outcome.code, outcome.details], [codes.NOT_FOUND, 'as you wish: 100 %']);
    assert.deepEqual(outcome.trailers.get('x-trailer'), ['after']);
  });

  it('says what is wrong in the words of gRPC when there is no service', async () => {
    assert.equal((await client.call('/test.Nobody/Call')).code, codes.UNAVAILABLE);
  });

  it('says in the words of gRPC that no route takes a call', async () => {
    const { code, details } = await client.call('/test.Unknown/Call');
    assert.equal(code, codes.UNIMPLEMENTED, details);
    assert.match(details, /No route matches/);
  });

  it('tries again elsewhere after a status that the route names', async () => {
    for (const server of servers) server.calls.clear();
    const outcome = await client.unary('again', { 'x-fail': '14 once' });
    // Each of the two servers fails its first call.
    assert.equal(outcome.code, codes.UNAVAILABLE);
    assert.equal(total('unary'), 2);
    const second = await client.unary('again', { 'x-fail': '14 once' });
    assert.deepEqual([second.code, second.text], [codes.OK, 'echo again']);
    const before = total('unary');
    assert.equal((await client.unary('', { 'x-fail': '14', 'x-pushback': '-1' })).code, codes.UNAVAILABLE);
    assert.equal(total('unary') - before, 1, 'the service said never');
  });

  it('tells the service how long is left, and ends the call with it', async () => {
    const outcome = await client.hang({ deadline: Date.now() + 300 });
    assert.equal(outcome.code, codes.DEADLINE_EXCEEDED);
    const told = servers.flatMap(({ metadata }) => metadata.get('grpc-timeout'));
    assert.deepEqual(told, [], 'grpc-js keeps that for itself');
  });

  it('cancels at the service what the client cancels', async () => {
    const cancelled = Promise.race(servers.map((server) => server.cancelled()));
    const talk = client.talk();
    talk.on('error', () => {});
    talk.write(Buffer.from('a'));
    await once(talk, 'data');
    talk.cancel();
    await cancelled;
  });

  it('writes down and counts how calls ended', async () => {
    await client.unary('', { 'x-fail': '7' });
    const statuses = new Set((await logged('/test.Echo/Unary')).map(({ grpcStatus }) => grpcStatus));
    assert.ok(statuses.has(0) && statuses.has(5) && statuses.has(14), String([...statuses]));
    const { body } = await gateway.admin('/metrics');
    assert.match(body, /turnpike_grpc_calls_total\{route="echo",service="echo",code="PERMISSION_DENIED"\} 1/);
    assert.match(body, /turnpike_upstream_retries_total\{service="echo",cause="grpc"\} [1-9]/);
  });

  it('loses no call when a server goes', async () => {
    const load = { isOver: false };
    const failures: string[] = [];
    const run = async (): Promise<void> => {
      while (!load.isOver) {
        const { code, details } = await client.unary('x');
        if (code !== codes.OK) failures.push(`${code} ${details}`);
      }
    };
    const loads = Array.from({ length: 8 }, run);
    await client.unary('x');
    await servers[0]?.drain();
    for (let i = 0; i < 20; i++) await client.unary('x');
    load.isOver = true;
    await Promise.all(loads);
    assert.deepEqual(failures, []);
  });
});
