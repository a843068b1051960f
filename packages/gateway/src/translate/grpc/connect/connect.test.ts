import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BodyOfReads } from '../../../core/body-testing.ts';
import { GatewayError } from '../../../core/errors.ts';
import {
  MessageFault,
  type GrpcMethod,
  type GrpcSchema,
  type MessageCodec,
} from '../../../core/grpc-schema.ts';
import { frame } from '../frames.ts';
import { grpcReply, messages, object, rig, type Answered } from '../web-clients-testing.ts';

const OK = [['grpc-status', '0']] as const;
const proto = ['Content-Type', 'application/proto'] as const;
const json = ['Content-Type', 'application/json'] as const;
const version = ['Connect-Protocol-Version', '1'] as const;
const streamProto = ['Content-Type', 'application/connect+proto'] as const;
const streamJson = ['Content-Type', 'application/connect+json'] as const;
const hi = frame(0, Buffer.from('hi'));

/** A message whose JSON is a string, and whose bytes are what is in it. */
const codec: MessageCodec = {
  typeName: 't.v1.Word',
  fields: { find: () => undefined },
  fromJson(text) {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'string') throw new MessageFault('expected a string', '/');
    return Buffer.from(value);
  },
  toJson: (bytes) => JSON.stringify(Buffer.from(bytes).toString()),
  jsonSchema: () => ({ type: 'string' }),
};

function schemaOf(more: Partial<GrpcMethod> = {}): GrpcSchema {
  const method: GrpcMethod = {
    path: '/t.v1.Echo/Say',
    service: 't.v1.Echo',
    name: 'Say',
    description: '',
    idempotency: 'unknown',
    clientStreaming: false,
    serverStreaming: false,
    input: codec,
    output: codec,
    http: [],
    ...more,
  };
  return { methods: [method], method: (path) => (path === method.path ? method : undefined) };
}

const streaming = schemaOf({ serverStreaming: true });
const safe = schemaOf({ idempotency: 'no-side-effects' });

function jsonOf({ body }: Answered): unknown {
  return JSON.parse(body.toString());
}

/** The JSON that ends a stream, and what came before it. */
function streamOf({ body }: Answered): { readonly before: Buffer; readonly end: unknown } {
  let at = 0;
  while (body[at] !== 2) {
    assert.ok(at < body.length, 'the stream has an end');
    at += 5 + body.readUInt32BE(at + 1);
  }
  assert.equal(at + 5 + body.readUInt32BE(at + 1), body.length);
  return { before: body.subarray(0, at), end: JSON.parse(body.toString('utf8', at + 5)) };
}

describe('a unary call of Connect', () => {
  it('is a call of gRPC, which may be sent twice', async () => {
    const headers = [
      proto,
      version,
      ['Connect-Timeout-Ms', '900'],
      ['Accept-Encoding', 'gzip'],
      ['Key', 'v'],
    ] as const;
    const { got, reply, body, exchange } = await rig().ask({ headers, body: 'hi' }, () =>
      messages([...OK, ['Cost', '7']], hi),
    );
    assert.ok(got !== null);
    assert.equal(`${got.method} ${got.target}`, 'POST /t.v1.Echo/Say');
    assert.deepEqual(got.body, hi);
    assert.equal(got.isWhole, true);
    assert.deepEqual(object(got.headers), {
      key: 'v',
      'content-type': 'application/grpc+proto',
      te: 'trailers',
      'grpc-timeout': '1H',
    });
    assert.equal(reply.status, 200);
    assert.equal(body.toString(), 'hi');
    assert.deepEqual(object(reply.headers), {
      'trailer-cost': '7',
      'content-type': 'application/proto',
      vary: 'Accept-Encoding',
    });
    assert.equal(exchange.record.grpcStatus, 0);
  });

  it('in JSON is written anew in both directions', async () => {
    const headers = [['Content-Type', 'application/json; charset=utf-8']] as const;
    const { got, body, reply } = await rig({}, schemaOf()).ask({ headers, body: '"hi"' }, () =>
      messages(OK, hi),
    );
    assert.deepEqual(got?.body, hi);
    assert.equal(body.toString(), '"hi"');
    assert.equal(reply.headers.get('content-type'), 'application/json');
  });

  it('that fails has the status of HTTP, the code, and the details', async () => {
    const { reply, exchange, ...rest } = await rig().ask({ headers: [proto], body: '' }, () =>
      grpcReply(
        [
          ['grpc-status', '9'],
          ['grpc-message', 'n%C3%A9'],
          ['cost', '1'],
        ],
        null,
      ),
    );
    assert.equal(reply.status, 400);
    assert.equal(reply.code, '');
    assert.deepEqual(jsonOf({ reply, exchange, ...rest }), { code: 'failed_precondition', message: 'né' });
    assert.deepEqual(object(reply.headers), { cost: '1', 'content-type': 'application/json' });
    assert.equal(exchange.record.grpcStatus, 9);
  });

  for (const [name, reads] of [
    ['no message', []],
    ['two messages', [hi, hi]],
  ] as const) {
    it(`that is answered with ${name} fails`, async () => {
      const answered = await rig().ask({ headers: [proto] }, () => messages(OK, ...reads));
      assert.equal(answered.reply.status, 501);
      assert.equal((jsonOf(answered) as { code: string }).code, 'unimplemented');
    });
  }

  it('takes and gives gzip, and no more of it than a message may have', async () => {
    const text = 'x'.repeat(4000);
    const coded = [
      proto,
      version,
      ['Content-Encoding', 'gzip'],
      ['Accept-Encoding', 'br, gzip;q=0.5'],
    ] as const;
    const large = rig({ messageBytes: 4000 });
    const { got, reply, body } = await large.ask(
      { headers: coded, body: gzipSync(text).toString('latin1') },
      () => messages(OK, frame(0, Buffer.from(text))),
    );
    assert.equal(got?.body.toString('utf8', 5), text);
    assert.equal(reply.headers.get('content-encoding'), 'gzip');
    assert.equal(gunzipSync(body).toString(), text);
    const bomb = gzipSync(Buffer.alloc(4001)).toString('latin1');
    const { reply: refused } = await large.ask({ headers: coded, body: bomb }, () => messages(OK));
    assert.equal(refused.code, 'BODY_TOO_LARGE');
    assert.equal(refused.status, 413);
  });

  it('is not compressed for those who do not want that', async () => {
    for (const accept of ['identity', 'gzip;q=0', 'br']) {
      const { reply } = await rig({ messageBytes: 4000 }).ask(
        { headers: [proto, ['Accept-Encoding', accept]] },
        () => messages(OK, frame(0, Buffer.alloc(4000))),
      );
      assert.equal(reply.headers.has('content-encoding'), false);
    }
  });

  const refused: readonly [
    name: string,
    Parameters<ReturnType<typeof rig>['ask']>[0],
    GrpcSchema | null,
    code: string,
    connect: string,
  ][] = [
    [
      'JSON without a schema',
      { headers: [json, version], body: '""' },
      null,
      'UNSUPPORTED_MEDIA_TYPE',
      'invalid_argument',
    ],
    [
      'another type',
      { headers: [['Content-Type', 'text/plain'], version] },
      null,
      'UNSUPPORTED_MEDIA_TYPE',
      'invalid_argument',
    ],
    [
      'another version',
      { headers: [proto, ['Connect-Protocol-Version', '2']] },
      null,
      'INVALID_REQUEST',
      'invalid_argument',
    ],
    [
      'another coding',
      { headers: [proto, version, ['Content-Encoding', 'br']] },
      null,
      'NOT_IMPLEMENTED',
      'unimplemented',
    ],
    [
      'an unknown method',
      { path: '/t.v1.Echo/No', headers: [proto, version] },
      schemaOf(),
      'NO_ROUTE',
      'unimplemented',
    ],
    [
      'a method that streams',
      { headers: [proto, version] },
      streaming,
      'UNSUPPORTED_MEDIA_TYPE',
      'invalid_argument',
    ],
    [
      'a message that is none',
      { headers: [json, version], body: '1' },
      schemaOf(),
      'INVALID_REQUEST',
      'invalid_argument',
    ],
    [
      'text that is no UTF-8',
      { headers: [json, version], body: '"\xff"' },
      schemaOf(),
      'INVALID_REQUEST',
      'invalid_argument',
    ],
    [
      'a large message',
      { headers: [proto, version], body: 'x'.repeat(65) },
      null,
      'BODY_TOO_LARGE',
      'resource_exhausted',
    ],
    [
      'a large stream',
      { headers: [proto, version], body: new BodyOfReads([Buffer.alloc(65)]) },
      null,
      'BODY_TOO_LARGE',
      'resource_exhausted',
    ],
    [
      'another method of HTTP',
      { method: 'PUT', headers: [proto, version] },
      null,
      'METHOD_NOT_ALLOWED',
      'unimplemented',
    ],
  ];
  for (const [name, ask, schema, code, connect] of refused) {
    it(`is refused ${name}`, async () => {
      const answered = await rig({}, schema).ask(ask, () => messages(OK));
      assert.equal(answered.reply.code, code);
      assert.equal((jsonOf(answered) as { code: string }).code, connect);
      assert.equal(answered.got, null);
    });
  }

  it('without the version is refused where it has to be there', async () => {
    const { reply } = await rig({ requiresVersion: true }).ask({ headers: [proto] }, () => messages(OK, hi));
    assert.equal(reply.code, 'INVALID_REQUEST');
    assert.equal(reply.headers.get('content-type'), 'application/problem+json');
    const { reply: taken } = await rig({ requiresVersion: true }).ask({ headers: [proto, version] }, () =>
      messages(OK, hi),
    );
    assert.equal(taken.status, 200);
  });

  it('that the service answers with too much fails', async () => {
    const answered = await rig().ask({ headers: [proto, version] }, () =>
      messages(OK, frame(0, Buffer.alloc(65))),
    );
    assert.equal(answered.reply.code, 'RESPONSE_TOO_LARGE');
    assert.equal((jsonOf(answered) as { code: string }).code, 'resource_exhausted');
  });
});

describe('a GET of Connect', () => {
  const get = (query: string) => ({ method: 'GET', query: `?connect=v1&${query}`, headers: [] });

  const taken = [
    ['encoding=proto&message=hi', 'hi'],
    ['encoding=proto&message=h%C3%A9%00', 'h\u00c3\u00a9\0'],
    ['encoding=proto&base64=1&message=-_8', '\xfb\xff'],
    ['encoding=proto&base64=1&message=-_8=', '\xfb\xff'],
    ['encoding=json&message=%22hi%22', 'hi'],
    [`encoding=proto&base64=1&compression=gzip&message=${gzipSync('hi').toString('base64url')}`, 'hi'],
  ] as const;
  for (const [query, message] of taken) {
    it(`takes ${query.slice(0, 50)}`, async () => {
      const { got, reply } = await rig({}, safe).ask(get(query), () => messages(OK, hi));
      assert.equal(got?.body.toString('latin1', 5), message);
      assert.equal(`${got?.method} ${got?.target}`, 'POST /t.v1.Echo/Say');
      assert.equal(reply.status, 200);
    });
  }

  const refused = [
    ['encoding=xml&message=hi', 'UNSUPPORTED_MEDIA_TYPE'],
    ['message=hi', 'UNSUPPORTED_MEDIA_TYPE'],
    ['encoding=proto', 'INVALID_REQUEST'],
    ['encoding=proto&message=a&message=b', 'INVALID_REQUEST'],
    ['encoding=proto&base64=1&message=a*b', 'INVALID_REQUEST'],
    ['encoding=proto&compression=br&message=a', 'NOT_IMPLEMENTED'],
    [`encoding=proto&message=${'a'.repeat(65)}`, 'BODY_TOO_LARGE'],
  ] as const;
  for (const [query, code] of refused) {
    it(`refuses ${query.slice(0, 50)}`, async () => {
      assert.equal((await rig({}, safe).ask(get(query), () => messages(OK))).reply.code, code);
    });
  }

  const rules = [
    ['safe', safe, 200],
    ['safe', schemaOf(), 405],
    ['safe', schemaOf({ idempotency: 'idempotent' }), 405],
    ['safe', null, 405],
    ['any', null, 200],
    ['none', safe, 405],
  ] as const;
  for (const [rule, schema, status] of rules) {
    it(`is answered with ${status} where ${rule} methods may be, and the method is ${schema?.methods[0]?.idempotency}`, async () => {
      const { reply } = await rig({ get: rule }, schema).ask(get('encoding=proto&message=hi'), () =>
        messages(OK, hi),
      );
      assert.equal(reply.status, status);
      if (status === 405) assert.equal(reply.headers.get('allow'), 'POST');
    });
  }
});

describe('a stream of Connect', () => {
  it('in protobuf goes on as it is, also compressed', async () => {
    const compressed = frame(1, gzipSync('hi'));
    const headers = [
      streamProto,
      version,
      ['Connect-Content-Encoding', 'gzip'],
      ['Connect-Accept-Encoding', 'gzip, br'],
    ] as const;
    const answered = await rig().ask(
      { headers, body: new BodyOfReads([compressed.subarray(0, 7)], [compressed.subarray(7), hi]) },
      () => {
        const reply = messages([...OK, ['Cost', '7'], ['Cost', '8']], compressed, hi);
        reply.headers.append('grpc-encoding', 'gzip').append('Greeting', 'hello');
        return reply;
      },
    );
    assert.deepEqual(answered.got?.body, Buffer.concat([compressed, hi]));
    assert.deepEqual(object(answered.got?.headers ?? assert.fail()), {
      'content-type': 'application/grpc+proto',
      te: 'trailers',
      'grpc-encoding': 'gzip',
      'grpc-accept-encoding': 'gzip, br',
    });
    assert.deepEqual(object(answered.reply.headers), {
      greeting: 'hello',
      'content-type': 'application/connect+proto',
      'connect-content-encoding': 'gzip',
    });
    const { before, end } = streamOf(answered);
    assert.deepEqual(before, Buffer.concat([compressed, hi]));
    assert.deepEqual(end, { metadata: { cost: ['7', '8'] } });
  });

  it('in JSON is written anew message by message', async () => {
    const word = (text: string): Buffer => frame(0, Buffer.from(JSON.stringify(text)));
    const body = Buffer.concat([word('hi'), word('ho')]);
    const answered = await rig({}, streaming).ask(
      { headers: [streamJson], body: new BodyOfReads([body.subarray(0, 3)], [body.subarray(3)]) },
      () => messages(OK, hi.subarray(0, 4), hi.subarray(4)),
    );
    assert.deepEqual(answered.got?.body, Buffer.concat([hi, frame(0, Buffer.from('ho'))]));
    assert.deepEqual(streamOf(answered), { before: word('hi'), end: {} });
  });

  it('that fails is answered with 200 and the error at its end', async () => {
    const answered = await rig().ask({ headers: [streamProto] }, () =>
      grpcReply(
        [
          ['grpc-status', '16'],
          ['grpc-message', 'who'],
        ],
        null,
      ),
    );
    assert.equal(answered.reply.status, 200);
    assert.deepEqual(streamOf(answered).end, { error: { code: 'unauthenticated', message: 'who' } });
  });

  it('that breaks off between two messages says so, and within one breaks off', async () => {
    const broken = (bytes: Buffer) => ({
      length: -1,
      readTo(sink: Parameters<BodyOfReads['readTo']>[0]) {
        sink.write(bytes);
        sink.fail(new GatewayError('UPSTREAM_INCOMPLETE', 'gone'));
      },
      resume() {},
      cancel() {},
    });
    const between = await rig().ask({ headers: [streamProto] }, () => grpcReply([], broken(hi)));
    assert.equal((streamOf(between).end as { error: { code: string } }).error.code, 'unavailable');
    assert.equal(between.exchange.record.code, 'UPSTREAM_INCOMPLETE');
    const within = await rig().ask({ headers: [streamProto] }, () =>
      grpcReply([], broken(hi.subarray(0, 6))),
    );
    assert.ok(within.ended instanceof GatewayError);
  });

  const refused: readonly [
    name: string,
    Parameters<ReturnType<typeof rig>['ask']>[0],
    GrpcSchema | null,
    connect: string,
  ][] = [
    ['JSON without a schema', { headers: [streamJson] }, null, 'invalid_argument'],
    ['an unknown method', { path: '/t.v1.Echo/No', headers: [streamProto] }, streaming, 'unimplemented'],
    [
      'compressed JSON',
      { headers: [streamJson, ['Connect-Content-Encoding', 'gzip']] },
      streaming,
      'unimplemented',
    ],
    [
      'a large message',
      { headers: [streamProto], body: frame(0, Buffer.alloc(65)).toString('latin1') },
      null,
      'resource_exhausted',
    ],
    [
      'an end of its own',
      { headers: [streamProto], body: frame(2, Buffer.from('{}')).toString('latin1') },
      null,
      'invalid_argument',
    ],
    ['a message that breaks off', { headers: [streamProto], body: 'x' }, null, 'invalid_argument'],
    [
      'a message that is none',
      { headers: [streamJson], body: new BodyOfReads([frame(0, Buffer.from('1'))]) },
      streaming,
      'invalid_argument',
    ],
    ['another method of HTTP', { method: 'PUT', headers: [streamProto] }, null, 'unimplemented'],
  ];
  for (const [name, ask, schema, connect] of refused) {
    it(`is refused ${name}`, async () => {
      const answered = await rig({}, schema).ask(ask, () => messages(OK));
      assert.equal(answered.reply.status, 200);
      assert.equal(answered.reply.headers.get('content-type'), ask.headers[0]?.[1]);
      assert.equal((streamOf(answered).end as { error: { code: string } }).error.code, connect);
    });
  }
});
