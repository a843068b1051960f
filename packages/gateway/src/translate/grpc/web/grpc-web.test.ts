import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyOfReads, CollectedBody } from '../../../core/body-testing.ts';
import { FULL, KEPT, UNKNOWN_LENGTH, type BodySource } from '../../../core/body.ts';
import { GatewayError } from '../../../core/errors.ts';
import { headersOf } from '../../../core/headers.ts';
import { frame } from '../frames.ts';
import { exchangeOf, grpcReply, messages, object, rig, trailed } from '../web-clients-testing.ts';

const OK = [['grpc-status', '0']] as const;
const hi = frame(0, Buffer.from('hi'));
const ho = frame(0, Buffer.from('ho!'));

function base64(...parts: readonly Buffer[]): string {
  return parts.map((part) => part.toString('base64')).join('');
}

/** Decodes texts with padding in between. */
function bytesOf(text: Buffer): Buffer {
  const groups = text.toString().match(/.{4}/g) ?? [];
  return Buffer.concat(groups.map((group) => Buffer.from(group, 'base64')));
}

function trailers(text: string): Buffer {
  return frame(0x80, Buffer.from(text));
}

const binary = ['Content-Type', 'application/grpc-web+proto'] as const;
const text = ['Content-Type', 'application/grpc-web-text'] as const;

describe('a call of gRPC-Web', () => {
  it('is a call of gRPC, with what a service has to know of it', async () => {
    const { ask } = rig();
    const headers = [
      binary,
      ['X-Grpc-Web', '1'],
      ['X-User-Agent', 'grpc-web'],
      ['grpc-timeout', '5S'],
      ['Accept-Encoding', 'br'],
      ['Key', 'v'],
    ] as const;
    const { got } = await ask({ headers, body: hi.toString('latin1') }, () => messages(OK));
    assert.ok(got !== null);
    assert.equal(`${got.method} ${got.target}`, 'POST /t.v1.Echo/Say');
    assert.deepEqual(got.body, hi);
    assert.equal(got.isWhole, true);
    assert.deepEqual(object(got.headers), {
      'x-user-agent': 'grpc-web',
      'grpc-timeout': '5S',
      key: 'v',
      'content-type': 'application/grpc+proto',
      te: 'trailers',
    });
  });

  it('gets the messages as they come, and the trailers as the last one', async () => {
    const { ask } = rig();
    const { reply, body, ended, exchange } = await ask({ headers: [binary] }, () =>
      messages([...OK, ['Cost', '7']], Buffer.concat([hi, ho.subarray(0, 2)]), ho.subarray(2)),
    );
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-type'), 'application/grpc-web+proto');
    assert.equal(ended, 'end');
    assert.deepEqual(body, Buffer.concat([hi, ho, trailers('grpc-status: 0\r\ncost: 7\r\n')]));
    assert.equal(exchange.record.grpcStatus, 0);
  });

  it('as text is decoded and encoded, wherever the padding stands', async () => {
    const { ask } = rig();
    const body = new BodyOfReads(
      [Buffer.from(base64(hi.subarray(0, 4)).slice(0, 3))],
      [Buffer.from(base64(hi.subarray(0, 4)).slice(3) + base64(hi.subarray(4), ho))],
    );
    const answered = await ask({ headers: [text, ['Accept', 'application/grpc-web-text']], body }, () =>
      messages(OK, hi, ho),
    );
    assert.deepEqual(answered.got?.body, Buffer.concat([hi, ho]));
    assert.equal(answered.reply.headers.get('content-type'), 'application/grpc-web-text+proto');
    assert.deepEqual(bytesOf(answered.body), Buffer.concat([hi, ho, trailers('grpc-status: 0\r\n')]));
  });

  it('as text that is complete stays so, and may be sent twice', async () => {
    const { got } = await rig().ask({ headers: [text], body: base64(hi, ho) }, () => messages(OK));
    assert.deepEqual(got?.body, Buffer.concat([hi, ho]));
    assert.equal(got?.isWhole, true);
  });

  const forms = [
    ['application/grpc-web', 'application/grpc-web-text', 'application/grpc-web-text+proto'],
    ['application/grpc-web-text', 'application/grpc-web', 'application/grpc-web+proto'],
    [
      'application/grpc-web-text',
      'application/grpc-web, application/grpc-web-text',
      'application/grpc-web-text+proto',
    ],
    ['application/grpc-web', '*/*', 'application/grpc-web+proto'],
  ] as const;
  for (const [type, accept, expected] of forms) {
    it(`in ${type} that accepts ${accept} is answered in ${expected}`, async () => {
      const headers = [
        ['Content-Type', type],
        ['Accept', accept],
      ] as const;
      const { reply } = await rig().ask({ headers }, () => messages(OK));
      assert.equal(reply.headers.get('content-type'), expected);
    });
  }

  it('that ends without messages has its trailers in the head', async () => {
    const { reply, body, exchange } = await rig().ask({ headers: [binary] }, () =>
      grpcReply(
        [
          ['grpc-status', '5'],
          ['grpc-message', 'no%20such'],
        ],
        null,
      ),
    );
    assert.deepEqual(object(reply.headers), {
      'grpc-status': '5',
      'grpc-message': 'no%20such',
      'content-type': 'application/grpc-web+proto',
    });
    assert.equal(body.length, 0);
    assert.equal(exchange.record.grpcStatus, 5);
  });

  it('is told what a status of HTTP means, where the service does not speak gRPC', async () => {
    const { reply, exchange } = await rig().ask({ headers: [binary] }, () => ({
      status: 503,
      headers: headersOf(['Content-Type', 'text/html'], ['Set-Cookie', 'a=b']),
      body: '<h1>no</h1>',
      code: '',
      tunnel: null,
    }));
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('grpc-status'), '14');
    assert.equal(reply.headers.has('set-cookie'), false);
    assert.equal(reply.body, null);
    assert.equal(exchange.record.grpcStatus, 14);
  });

  it('without a status of the service has one all the same', async () => {
    const { body, exchange } = await rig().ask({ headers: [binary] }, () =>
      grpcReply([], new BodyOfReads([hi])),
    );
    assert.match(body.toString('latin1'), /grpc-status: 2\r\n/);
    assert.equal(exchange.record.grpcStatus, 2);
  });

  it('that breaks off between two messages is told so', async () => {
    const { body, ended, exchange } = await rig().ask({ headers: [binary] }, () => grpcReply([], broken(hi)));
    assert.equal(ended, 'end');
    assert.match(body.toString('latin1'), /grpc-status: 14\r\n/);
    assert.equal(exchange.record.code, 'UPSTREAM_INCOMPLETE');
  });

  it('that breaks off within a message breaks off', async () => {
    const { ended } = await rig().ask({ headers: [binary] }, () => messages(OK, hi.subarray(0, 6)));
    assert.ok(ended instanceof GatewayError);
    assert.equal(ended.code, 'UPSTREAM_INCOMPLETE');
  });

  it('is refused a message that is larger than allowed, in both directions', async () => {
    const large = frame(0, Buffer.alloc(65));
    for (const body of [large.toString('latin1'), new BodyOfReads([large])]) {
      const { reply } = await rig().ask({ headers: [binary], body }, () => messages(OK));
      assert.equal(reply.headers.get('grpc-status'), '8');
      assert.equal(reply.code, 'BODY_TOO_LARGE');
    }
    const { body, exchange } = await rig().ask({ headers: [binary] }, () => messages(OK, hi, large));
    assert.match(body.toString('latin1'), /grpc-status: 8\r\n/);
    assert.equal(exchange.record.code, 'RESPONSE_TOO_LARGE');
  });

  it('is refused text that is no base64, and other methods', async () => {
    const { reply } = await rig().ask({ headers: [text], body: 'AA*A' }, () => messages(OK));
    assert.equal(reply.code, 'INVALID_REQUEST');
    assert.equal(reply.headers.get('content-type'), 'application/grpc-web-text');
    const { reply: other } = await rig().ask({ method: 'PUT', headers: [text] }, () => messages(OK));
    assert.equal(other.code, 'METHOD_NOT_ALLOWED');
  });

  it('hears when its time is over, in place of the connection', async () => {
    const exchange = exchangeOf({ headers: [binary] });
    const source = new BodyOfReads([hi], [ho]);
    const reply = await rig().stage(() => Promise.resolve(grpcReply([], trailed(source, headersOf(...OK)))))(
      exchange,
    );
    const sink = new CollectedBody();
    sink.answer = FULL;
    assert.ok(typeof reply.body === 'object' && reply.body !== null);
    reply.body.readTo(sink);
    exchange.cancel('DEADLINE_EXCEEDED');
    assert.equal(await sink.ended, 'end');
    assert.match(sink.bytes.toString('latin1'), /grpc-status: 4\r\n/);
    assert.equal(source.isCancelled, true);
    assert.equal(exchange.record.code, 'DEADLINE_EXCEEDED');
  });

  it('holds the service back as the client is held back, and lets go of it', async () => {
    const exchange = exchangeOf({ headers: [binary] });
    const source = new BodyOfReads([hi], [ho], [hi]);
    const reply = await rig().stage(() => Promise.resolve(grpcReply([], source)))(exchange);
    const sink = new CollectedBody();
    sink.answer = FULL;
    assert.ok(typeof reply.body === 'object' && reply.body !== null);
    reply.body.readTo(sink);
    assert.equal(source.left, 2);
    reply.body.resume();
    assert.equal(source.left, 1);
    sink.answer = KEPT;
    reply.body.cancel();
    assert.equal(source.isCancelled, true);
  });
});

describe('a call of gRPC on the same route', () => {
  it('passes as it is', async () => {
    const exchange = exchangeOf({ headers: [['Content-Type', 'application/grpc']], body: 'x' });
    const answer = grpcReply([], null);
    const reply = await rig().stage((call) => {
      assert.equal(call, exchange);
      return Promise.resolve(answer);
    })(exchange);
    assert.equal(reply, answer);
  });
});

/** A body that breaks off. */
function broken(bytes: Buffer): BodySource {
  return {
    length: UNKNOWN_LENGTH,
    readTo(sink) {
      sink.write(bytes);
      sink.fail(new GatewayError('UPSTREAM_INCOMPLETE', 'gone'));
    },
    resume() {},
    cancel() {},
  };
}
