// gRPC-Web and Connect through the program, by the clients of others, to a gRPC service of others.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DescMethodStreaming, DescMethodUnary, Message } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { webWorld, type WebWorld } from './grpc-web-world.ts';
import { lineOf, method, wordsOf, type Words } from './talk-service.ts';

const TIMEOUT = { timeout: 60_000 };

let world: WebWorld;
before(async () => {
  world = await webWorld();
}, TIMEOUT);
after(() => world[Symbol.asyncDispose]());

type Make = (baseUrl: string) => Transport;
const h1 = { httpVersion: '1.1' } as const;
const h2 = { httpVersion: '2' } as const;
const json = { useBinaryFormat: false } as const;

const CLIENTS: Readonly<Record<string, Make>> = {
  'Connect over HTTP/1.1': (baseUrl) => createConnectTransport({ baseUrl, ...h1, useBinaryFormat: true }),
  'Connect over HTTP/2': (baseUrl) => createConnectTransport({ baseUrl, ...h2, useBinaryFormat: true }),
  'Connect with JSON over HTTP/1.1': (baseUrl) => createConnectTransport({ baseUrl, ...h1, ...json }),
  'Connect with JSON over HTTP/2': (baseUrl) => createConnectTransport({ baseUrl, ...h2, ...json }),
  'Connect by GET': (baseUrl) =>
    createConnectTransport({ baseUrl, ...h1, useBinaryFormat: true, useHttpGet: true }),
  'Connect with JSON by GET': (baseUrl) =>
    createConnectTransport({ baseUrl, ...h1, ...json, useHttpGet: true }),
  'gRPC-Web over HTTP/1.1': (baseUrl) => createGrpcWebTransport({ baseUrl, ...h1 }),
  'gRPC-Web over HTTP/2': (baseUrl) => createGrpcWebTransport({ baseUrl, ...h2 }),
  'gRPC itself': (baseUrl) => createGrpcTransport({ baseUrl }),
};

function unary(
  client: Transport,
  name: string,
  text: string,
  options: { count?: number; timeoutMs?: number; signal?: AbortSignal } = {},
) {
  const { count = 0, timeoutMs, signal } = options;
  const called = method(name, 'unary') as DescMethodUnary;
  return client.unary(called, signal, timeoutMs, { 'x-key': 'k' }, lineOf(text, count));
}

async function* each(lines: Iterable<string>) {
  for (const text of lines) yield lineOf(text);
}

async function stream(
  client: Transport,
  called: DescMethodStreaming,
  input: AsyncIterable<ReturnType<typeof lineOf>>,
) {
  const reply = await client.stream(called, undefined, undefined, undefined, input);
  return { ...reply, lines: reply.message };
}

async function all(lines: AsyncIterable<Message>): Promise<Words[]> {
  const found: Words[] = [];
  for await (const one of lines) found.push(wordsOf(one));
  return found;
}

async function errorOf(promise: Promise<unknown>): Promise<ConnectError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error;
  }
  return assert.fail('it did not fail');
}

for (const [name, make] of Object.entries(CLIENTS)) {
  describe(name, TIMEOUT, () => {
    let client: Transport;
    before(() => {
      client = make(world.origin);
    });

    it('calls a method, with fields before and after', async () => {
      const { header, trailer, message } = await unary(client, 'Say', 'hé');
      assert.deepEqual(wordsOf(message), { text: 'hé!', count: 0 });
      assert.equal(header.get('greeting'), 'hello');
      assert.equal(trailer.get('cost'), '7');
      assert.equal(world.service.lastFields().get('x-key'), 'k');
      assert.match(world.service.lastFields().get('content-type') ?? '', /^application\/grpc(\+proto)?$/);
    });

    it('gets large replies', async () => {
      const { message } = await unary(client, 'Say', 'large', { count: 1_000_000 });
      assert.equal(wordsOf(message).text.length, 1_000_000);
    });

    it('sends large requests', async () => {
      const { message } = await unary(client, 'Tell', 'y'.repeat(1_000_000));
      assert.equal(wordsOf(message).text.length, 1_000_001);
    });

    for (const code of [
      'canceled',
      'invalid_argument',
      'not_found',
      'unauthenticated',
      'internal',
      'unavailable',
      'resource_exhausted',
    ]) {
      it(`is told that it is ${code}, why, and more`, async () => {
        const error = await errorOf(unary(client, 'Say', `fail:${code}`));
        assert.equal(Code[error.code]?.toLowerCase(), code.replaceAll('_', ''));
        assert.equal(error.rawMessage, 'né');
        assert.equal(error.metadata.get('cost'), '9');
        assert.deepEqual(
          error.findDetails(DurationSchema).map(({ seconds }) => seconds),
          [7n],
        );
      });
    }

    it('is told that a method is unknown', async () => {
      const unknown = { ...method('Say', 'unary'), name: 'Shout' } as DescMethodUnary;
      const error = await errorOf(client.unary(unknown, undefined, undefined, undefined, lineOf('x')));
      assert.equal(error.code, Code.Unimplemented);
    });

    it('has a deadline, which the service is told', async () => {
      const error = await errorOf(unary(client, 'Say', 'forever', { timeoutMs: 300 }));
      assert.equal(error.code, Code.DeadlineExceeded);
      assert.match(world.service.lastFields().get('grpc-timeout') ?? '', /^\d+m$/);
    });

    it('gives up, and the service hears of it', async () => {
      const [called, heard] = [world.service.whenCalled(), world.service.whenAbandoned()];
      const controller = new AbortController();
      const call = errorOf(unary(client, 'Say', 'forever', { signal: controller.signal }));
      await called;
      controller.abort();
      assert.equal((await call).code, Code.Canceled);
      assert.equal(await heard, 'Say');
    });

    it('gets a stream, and its trailers', async () => {
      const reply = await stream(
        client,
        method('Repeat', 'server_streaming'),
        (async function* () {
          yield lineOf('ho', 3);
        })(),
      );
      assert.deepEqual(
        await all(reply.lines),
        [1, 2, 3].map((count) => ({ text: 'ho', count })),
      );
      assert.equal(reply.trailer.get('cost'), '3');
    });

    it('gets a stream that fails', async () => {
      const reply = await stream(
        client,
        method('Repeat', 'server_streaming'),
        (async function* () {
          yield lineOf('fail', 2);
        })(),
      );
      const error = await errorOf(all(reply.lines));
      assert.equal(error.code, Code.NotFound);
      assert.deepEqual(
        error.findDetails(DurationSchema).map(({ seconds }) => seconds),
        [7n],
      );
    });

    it('sends a stream', async () => {
      const reply = await stream(client, method('Gather', 'client_streaming'), each(['a', 'b', 'c']));
      assert.deepEqual(await all(reply.lines), [{ text: 'a b c', count: 3 }]);
    });

    if (/HTTP\/2|itself/.test(name)) {
      it('asks and is answered in turns', async () => {
        const { promise: answered, resolve } = Promise.withResolvers<string>();
        async function* turns() {
          yield lineOf('one');
          yield lineOf(await answered);
        }
        const reply = await stream(client, method('Chat', 'bidi_streaming'), turns());
        const got: string[] = [];
        for await (const one of reply.lines) {
          got.push(wordsOf(one).text);
          resolve(`after ${wordsOf(one).text}`);
        }
        assert.deepEqual(got, ['one?', 'after one??']);
      });
    }
  });
}
