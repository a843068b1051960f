// What becomes of streams that are open when the gateway ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerHttp2Stream } from 'node:http2';
import { describe, it } from 'node:test';
import { within } from '@turnpike/testkit';
import { ask, read } from '../wire/http2-client.ts';
import { called, callFields, grpcGateway, message } from './grpc-rig.ts';

const UNAVAILABLE = 14;
const DRAIN_MS = 600;
const DESCRIPTORS = readFileSync(
  new URL('../../src/translate/grpc/transcode/fixtures/library.binpb', import.meta.url),
).toString('base64');

/** A service that sends a message and then waits for ever. */
function watch(stream: ServerHttp2Stream): void {
  stream.resume();
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
  stream.write(message(0));
}

describe('a stream that is open when the gateway ends', () => {
  it('ends with UNAVAILABLE when the time is over, and is counted for that', async (t) => {
    const { session, plane } = await grpcGateway(t, { serve: watch });
    const stream = ask(session, callFields('/a.B/Watch'), null);
    const answered = read(stream);
    await within(once(stream, 'data'), 'the first message');
    const closed = plane.close(DRAIN_MS);
    const { grpcStatus, trailers, rstCode } = called(await answered);
    assert.deepEqual([grpcStatus, rstCode], [UNAVAILABLE, 0]);
    assert.match(String(trailers?.['grpc-message']), /shutting down/);
    await closed;
    assert.match(plane.metrics(), /turnpike_errors_total\{code="DRAINING"\} 1/);
    assert.match(plane.metrics(), /turnpike_grpc_calls_total\{[^}\n]*code="UNAVAILABLE"\} 1/);
  });

  it('does so as well when it was answered only then', async (t) => {
    const begun = Promise.withResolvers<ServerHttp2Stream>();
    const { session, plane } = await grpcGateway(t, { serve: (stream) => begun.resolve(stream) });
    const going = once(session, 'goaway');
    const answered = read(ask(session, callFields('/a.B/Watch'), null));
    const stream = await within(begun.promise, 'a call');
    const closed = plane.close(DRAIN_MS);
    await within(going, 'GOAWAY');
    watch(stream);
    assert.equal(called(await answered).grpcStatus, UNAVAILABLE);
    await closed;
  });

  it('that has ended by then is not touched', async (t) => {
    const begun = Promise.withResolvers<ServerHttp2Stream>();
    const { session, plane } = await grpcGateway(t, { serve: (stream) => begun.resolve(stream) });
    const going = once(session, 'goaway');
    const answered = read(ask(session, callFields('/a.B/Watch'), null));
    const stream = await within(begun.promise, 'a call');
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    const closed = plane.close(10_000);
    await within(going, 'GOAWAY');
    stream.resume().end(message(3));
    const { grpcStatus, body } = called(await answered);
    assert.deepEqual([grpcStatus, body.length], [0, 8]);
    await closed;
  });

  for (const [what, translate, fields, told] of [
    [
      'gRPC-Web',
      'web',
      {
        ':method': 'POST',
        ':path': '/library.v1.Library/WatchBooks',
        'content-type': 'application/grpc-web+proto',
      },
      /grpc-status: 14\r\n/,
    ],
    [
      'Connect',
      'web',
      {
        ':method': 'POST',
        ':path': '/library.v1.Library/WatchBooks',
        'content-type': 'application/connect+proto',
        'connect-protocol-version': '1',
      },
      /"code":"unavailable"/,
    ],
    [
      'lines of JSON',
      'transcode',
      { ':path': '/v1/shelves/1/books:watch', accept: 'application/x-ndjson' },
      /\n\{"error":\{.*UNAVAILABLE/s,
    ],
  ] as const) {
    it(`is told in the words of ${what}`, async (t) => {
      const { session, plane } = await grpcGateway(t, {
        serve: watch,
        service: { grpc: { descriptors: 'library.binpb' } },
        texts: { 'library.binpb': DESCRIPTORS },
        route: { translate: { grpc: translate } },
      });
      const body = translate === 'web' ? message(0) : '';
      const stream = ask(session, fields, body);
      const answered = read(stream);
      await within(once(stream, 'data'), 'the first message');
      const closed = plane.close(DRAIN_MS);
      const response = await answered;
      assert.match(response.body.toString('latin1'), told);
      assert.equal(response.rstCode, 0);
      await closed;
    });
  }
});
