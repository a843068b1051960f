// What clients of gRPC-Web and Connect are told by the gateway itself, through the program.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import type { DescMethodStreaming, DescMethodUnary } from '@bufbuild/protobuf';
import { webWorld, type WebWorld } from './grpc-web-world.ts';
import { lineOf, method } from './talk-service.ts';

const TIMEOUT = { timeout: 60_000 };
const PAGE = 'https://app.example.com';

async function codeOf(promise: Promise<unknown>): Promise<Code> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error.code;
  }
  return assert.fail('it did not fail');
}

function say(client: Transport, fields: Record<string, string> = {}) {
  return client.unary(method('Say', 'unary'), undefined, undefined, fields, lineOf('x'));
}

async function repeat(client: Transport, fields: Record<string, string> = {}) {
  async function* input() {
    yield lineOf('x', 1);
  }
  const called = method('Repeat', 'server_streaming') as DescMethodStreaming;
  const reply = await client.stream(called, undefined, undefined, fields, input());
  for await (const one of reply.message) assert.ok(one);
}

describe('a gateway that translates for the web', TIMEOUT, () => {
  let world: WebWorld;
  before(async () => {
    world = await webWorld({
      policies: `{ cors: { origins: ["${PAGE}"] } }`,
      translate: ', messageSize: 1KiB',
    });
  });
  after(() => world[Symbol.asyncDispose]());

  const url = (name: string): string => `${world.origin}/talk.v1.Talk/${name}`;
  const clients: readonly (readonly [name: string, make: () => Transport])[] = [
    ['Connect', () => createConnectTransport({ baseUrl: world.origin, httpVersion: '1.1' })],
    [
      'gRPC-Web',
      () => createGrpcWebTransport({ baseUrl: world.origin, httpVersion: '1.1', acceptCompression: [] }),
    ],
  ];

  for (const [name, make] of clients) {
    it(`limits the rate of clients of ${name}, in their own protocol`, async () => {
      const fields = { 'x-limited': name };
      await say(make(), fields);
      assert.equal(await codeOf(say(make(), fields)), Code.ResourceExhausted);
      assert.equal(await codeOf(repeat(make(), fields)), Code.ResourceExhausted);
    });

    it(`holds the messages of clients of ${name} to their limit`, async () => {
      const called = method('Tell', 'unary') as DescMethodUnary;
      const call = (text: string, count = 0) =>
        make().unary(called, undefined, undefined, undefined, lineOf(text, count));
      assert.equal(await codeOf(call('y'.repeat(2000))), Code.ResourceExhausted);
      assert.equal(await codeOf(call('large', 2000)), Code.ResourceExhausted);
    });
  }

  it('lets scripts send what these protocols need, and read what they need', async () => {
    const asked =
      'connect-protocol-version,connect-timeout-ms,content-type,grpc-timeout,x-grpc-web,x-user-agent';
    const preflight = await fetch(url('Say'), {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
      },
    });
    assert.equal(preflight.headers.get('access-control-allow-headers')?.replaceAll(', ', ','), asked);
    const call = await fetch(url('Say'), {
      method: 'POST',
      headers: { origin: PAGE, 'content-type': 'application/grpc-web' },
    });
    assert.equal(
      call.headers.get('access-control-expose-headers'),
      'grpc-status, grpc-message, grpc-status-details-bin',
    );
  });

  it('calls safe methods by GET, and no others', async () => {
    const query = `?connect=v1&encoding=json&message=${encodeURIComponent('{"text":"hé"}')}`;
    const safe = await fetch(url('Say') + query);
    assert.deepEqual([safe.status, await safe.json()], [200, { text: 'hé!' }]);
    const unsafe = await fetch(url('Tell') + query);
    assert.deepEqual([unsafe.status, unsafe.headers.get('allow')], [405, 'POST']);
    assert.equal(((await unsafe.json()) as { code: string }).code, 'unimplemented');
  });

  it('answers in JSON to whoever has no client at all', async () => {
    const ask = (body: string) =>
      fetch(url('Say'), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    assert.deepEqual(await (await ask('{"text":"hé"}')).json(), { text: 'hé!' });
    const wrong = await ask('{"txt":"hé"}');
    assert.equal(wrong.status, 400);
    assert.equal(wrong.headers.get('content-type'), 'application/problem+json');
    const failed = await ask('{"text":"fail:not_found"}');
    assert.equal(failed.status, 404);
    assert.equal(((await failed.json()) as { code: string }).code, 'not_found');
  });
});

describe('a gateway that knows nothing of the service', TIMEOUT, () => {
  let world: WebWorld;
  before(async () => {
    world = await webWorld({ schema: false });
  });
  after(() => world[Symbol.asyncDispose]());

  it('translates protobuf, and says what JSON needs', async () => {
    const binary = createConnectTransport({
      baseUrl: world.origin,
      httpVersion: '1.1',
      useBinaryFormat: true,
    });
    await say(binary);
    await repeat(binary);
    const json = await fetch(`${world.origin}/talk.v1.Talk/Say`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    assert.equal(json.status, 415);
    assert.match(((await json.json()) as { detail: string }).detail, /descriptors/);
  });
});
