// How gRPC calls fail, and what is made of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { within } from '@turnpike/testkit';
import { ask, read } from '../wire/http2-client.ts';
import { answerWith, called, callFields, grpcGateway, message } from './grpc-rig.ts';

const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;
const DESCRIPTORS = readFileSync(
  new URL('../../src/translate/grpc/transcode/fixtures/library.binpb', import.meta.url),
).toString('base64');

describe('the time of one attempt of a call', () => {
  it('bounds what streams, and what the route repeats goes to another attempt', async (t) => {
    let calls = 0;
    const { call, plane } = await grpcGateway(t, {
      serve: (stream) => {
        stream.resume();
        if (++calls > 1) answerWith(stream, [message(1)]);
      },
      route: { policies: { retry: { perTry: '50ms', attempts: 2, on: ['deadline-exceeded'] } } },
    });
    const { grpcStatus } = await call('/a.B/C', [message(10)]);
    assert.equal(grpcStatus, 0);
    assert.equal(calls, 2);
    const [line] = await plane.lines(1);
    assert.equal(line?.['attempts'], 2);
  });

  it('is over for who is not to be repeated', async (t) => {
    const { call } = await grpcGateway(t, {
      serve: (stream) => void stream.resume(),
      route: { policies: { retry: { perTry: '50ms', attempts: 2, bodyBytes: '0B' } } },
    });
    const { grpcStatus } = await call('/a.B/C', [message(10)]);
    assert.equal(grpcStatus, DEADLINE_EXCEEDED);
  });

  it('begins when all of the request is sent', async (t) => {
    const { session, call } = await grpcGateway(t, {
      serve: (stream, headers) => {
        if (headers[':path'] === '/a.B/Slow') stream.once('end', () => answerWith(stream, [message(1)]));
        stream.resume();
      },
      route: { policies: { retry: { perTry: '1s' } } },
    });
    const stream = ask(session, callFields('/a.B/Slow'), null);
    const answered = read(stream);
    const bytes = message(10);
    stream.write(bytes.subarray(0, 5));
    // One that was sent later has had its time.
    assert.equal((await call('/a.B/C', [message(10)])).grpcStatus, DEADLINE_EXCEEDED);
    stream.end(bytes.subarray(5));
    assert.equal(called(await answered).grpcStatus, 0);
  });
});

describe('a call that ends with UNAVAILABLE after messages', () => {
  it('opens the breaker', async (t) => {
    const { call } = await grpcGateway(t, {
      serve: (stream) => {
        stream.resume();
        answerWith(stream, [message(3)], { 'grpc-status': String(UNAVAILABLE) });
      },
      service: { circuitBreaker: { minimumRequests: 2, openFor: '1m' } },
    });
    const ends = [];
    for (let i = 0; i < 3; i++) ends.push(await call('/a.B/C', []));
    assert.deepEqual(
      ends.map(({ grpcStatus }) => grpcStatus),
      [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE],
    );
    assert.deepEqual(
      ends.map(({ body }) => body.length),
      [8, 8, 0],
    );
  });

  it('counts when it breaks off without a status, too', async (t) => {
    const { call, plane } = await grpcGateway(t, {
      serve: (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(message(3));
        stream.resume().once('end', () => stream.session?.destroy());
      },
      service: { circuitBreaker: { minimumRequests: 2, openFor: '1m' } },
    });
    for (let i = 0; i < 3; i++) await call('/a.B/C', []);
    const codes = (await plane.lines(3)).map((line) => line['code']);
    assert.equal(codes.at(-1), 'BREAKER_OPEN', String(codes));
  });
});

describe('a drill on a route that is transcoded', () => {
  it('has the status that it was given, for the client and in the log', async (t) => {
    const { session, plane } = await grpcGateway(t, {
      serve: (stream) => stream.close(),
      service: { grpc: { descriptors: 'library.binpb' } },
      texts: { 'library.binpb': DESCRIPTORS },
      route: {
        translate: { grpc: 'transcode' },
        policies: { fault: { abort: { percent: 100, status: 429 } } },
      },
    });
    const stream = ask(session, { ':path': '/v1/shelves/1/books/2' });
    const response = await within(read(stream), 'an answer');
    assert.equal(response.status, 429, response.body.toString());
    assert.match(response.body.toString(), /"status":429.*FAULT_INJECTED/);
    const [line] = await plane.lines(1);
    assert.deepEqual([line?.['status'], line?.['code']], [429, 'FAULT_INJECTED']);
    assert.match(plane.metrics(), /turnpike_requests_total\{[^}\n]*code="4xx"\} 1/);
  });
});
