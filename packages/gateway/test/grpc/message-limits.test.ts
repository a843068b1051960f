// How large messages of gRPC calls may be, for clients of every protocol.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { once } from 'node:events';
import { within } from '@turnpike/testkit';
import { ask, read } from '../wire/http2-client.ts';
import { answerWith, called, callFields, grpcGateway, message } from './grpc-rig.ts';

const RESOURCE_EXHAUSTED = 8;
const DESCRIPTORS = readFileSync(
  new URL('../../src/translate/grpc/transcode/fixtures/library.binpb', import.meta.url),
).toString('base64');
const LIMITED = { policies: { limits: { grpcMessageBytes: '1000B' } } };
const BOOKS = {
  service: { grpc: { descriptors: 'library.binpb' } },
  texts: { 'library.binpb': DESCRIPTORS },
};

describe('a gRPC message that is too large', () => {
  it('of a client does not reach the service', async (t) => {
    let bytes = 0;
    const { call, plane } = await grpcGateway(t, {
      serve: (stream) => stream.on('data', (chunk: Buffer) => (bytes += chunk.length)),
      route: LIMITED,
    });
    const { grpcStatus } = await call('/a.B/C', [message(1000), message(1001)]);
    assert.equal(grpcStatus, RESOURCE_EXHAUSTED);
    assert.ok(bytes <= 1005, `${bytes}`);
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'BODY_TOO_LARGE');
    assert.match(plane.metrics(), /policy="limits",reason="grpcMessageBytes",decision="denied"\} 1/);
  });

  it('of a client ends a call that is under way with a status', async (t) => {
    const { session } = await grpcGateway(t, {
      serve: (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.on('data', (chunk: Buffer) => stream.write(chunk));
      },
      route: LIMITED,
    });
    const stream = ask(session, callFields('/a.B/C'), null);
    const answered = read(stream);
    stream.write(message(10));
    await within(once(stream, 'data'), 'the first message');
    stream.write(message(5000));
    const { grpcStatus, rstCode } = called(await answered);
    assert.deepEqual([grpcStatus, rstCode], [RESOURCE_EXHAUSTED, 0]);
  });

  it('of a service ends the call behind those before it', async (t) => {
    const { call, plane } = await grpcGateway(t, {
      serve: (stream) => answerWith(stream, [message(1000), message(1001)]),
      route: LIMITED,
    });
    const { grpcStatus, body, rstCode } = await call('/a.B/C', [message(1)]);
    assert.deepEqual([grpcStatus, body.length, rstCode], [RESOURCE_EXHAUSTED, 1005, 0]);
    const [line] = await plane.lines(1);
    assert.deepEqual([line?.['code'], line?.['grpcStatus']], ['RESPONSE_TOO_LARGE', RESOURCE_EXHAUSTED]);
  });

  it('is only counted in report mode', async (t) => {
    const sent = message(5000);
    const { call, plane } = await grpcGateway(t, {
      serve: (stream) => {
        stream.resume();
        answerWith(stream, [sent, sent]);
      },
      route: { policies: { limits: { grpcMessageBytes: '1000B', mode: 'report' } } },
    });
    const { grpcStatus, body } = await call('/a.B/C', [sent]);
    assert.deepEqual([grpcStatus, body.equals(Buffer.concat([sent, sent]))], [0, true]);
    assert.match(plane.metrics(), /reason="grpcMessageBytes",decision="reported"\} 2/);
  });

  it('of a service is 429 where its call is transcoded, and 413 of a client', async (t) => {
    const { session } = await grpcGateway(t, {
      serve: (stream) => {
        stream.resume();
        answerWith(stream, [message(1001)]);
      },
      ...BOOKS,
      route: { ...LIMITED, translate: { grpc: 'transcode' } },
    });
    const reply = await read(ask(session, { ':path': '/v1/shelves/1/books/2' }));
    assert.equal(reply.status, 429, reply.body.toString());
    assert.match(reply.body.toString(), /RESOURCE_EXHAUSTED/);
    const refused = await read(ask(session, { ':path': `/v1/shelves/1/books/${'x'.repeat(1000)}` }));
    assert.equal(refused.status, 413, refused.body.toString());
  });

  for (const [type, status] of [
    ['application/grpc-web+proto', /grpc-status: 8\r\n/],
    ['application/connect+proto', /"code":"resource_exhausted"/],
    ['application/proto', /"code":"resource_exhausted"/],
  ] as const) {
    it(`of a service is told in the words of ${type}`, async (t) => {
      const { session } = await grpcGateway(t, {
        serve: (stream) => {
          stream.resume();
          answerWith(stream, [message(1001)]);
        },
        route: { ...LIMITED, translate: { grpc: 'web' } },
      });
      const fields = {
        ':method': 'POST',
        ':path': '/a.B/C',
        'content-type': type,
        'connect-protocol-version': '1',
      };
      const sent = type === 'application/proto' ? Buffer.alloc(1) : message(1);
      const { body } = await read(ask(session, fields, sent));
      assert.match(body.toString('latin1'), status);
    });
  }
});
