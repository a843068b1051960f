import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BodySource } from '../../core/body.ts';
import { Exchange, type Reply } from '../../core/exchange.ts';
import { MessageFault, type GrpcMethod, type GrpcSchema, type MessageCodec } from '../../core/grpc-schema.ts';
import { headersOf, type Headers } from '../../core/headers.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { grpcTools, type GrpcToolPlan } from './grpc-tool.ts';

/** Messages whose bytes are their JSON: what is tested is how they travel. */
function codec(typeName: string, schema: object = { type: 'object' }): MessageCodec {
  return {
    typeName,
    fromJson(text) {
      if (text.includes('wrong')) throw new MessageFault('is no name', '/name');
      return Buffer.from(text);
    },
    toJson: (bytes) => Buffer.from(bytes).toString(),
    jsonSchema: () => schema as never,
  };
}

function method(name: string, more: Partial<GrpcMethod> = {}): GrpcMethod {
  return {
    path: `/greeter.v1.Greeter/${name}`,
    service: 'greeter.v1.Greeter',
    name,
    description: '',
    idempotency: 'unknown',
    clientStreaming: false,
    serverStreaming: false,
    input: codec('In'),
    output: codec('Out'),
    ...more,
  };
}

const METHODS = [
  method('SayHello', { description: 'Greets.', idempotency: 'no-side-effects' }),
  method('Watch', { serverStreaming: true }),
  method('Upload', { clientStreaming: true }),
  method('Scalar', { input: codec('google.protobuf.StringValue', { type: 'string' }) }),
];
const SCHEMA: GrpcSchema = { methods: METHODS, method: (path) => METHODS.find((one) => one.path === path) };
const PLAN: GrpcToolPlan = { isChosen: () => true, prefix: 'rpc_', resultBytes: 100, ownsCredentials: false };

function frame(text: string): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([prefix, Buffer.from(text)]);
}

function trailed(bytes: Buffer, trailers: Headers): BodySource {
  return {
    length: -1,
    readTo(sink) {
      if (bytes.length > 0) sink.write(bytes);
      sink.end(trailers);
    },
    resume() {},
    cancel() {},
  };
}

function answered(text: string | null, ...trailers: (readonly [string, string])[]): Reply {
  const headers = headersOf(['Content-Type', 'application/grpc']);
  const body = trailed(text === null ? Buffer.alloc(0) : frame(text), headersOf(...trailers));
  return { status: 200, headers, body, code: '', tunnel: null };
}

const ADDRESS = { address: '127.0.0.1', family: 'ipv4', port: 1 } as const;

function client(): Exchange {
  return new Exchange({
    id: 'id',
    method: 'POST',
    authority: 'gateway.test',
    host: 'gateway.test',
    path: '/mcp',
    query: '',
    version: '1.1',
    headers: headersOf(['Authorization', 'Bearer secret'], ['Traceparent', 'trace']),
    body: null,
    client: ADDRESS,
    peer: ADDRESS,
    fromTrustedProxy: false,
    clientCertificate: null,
    arrival: {
      listener: 'web',
      scheme: 'http',
      port: 80,
      bodyBytes: 1,
      forwardedClientCert: false,
      forwardsClientCert: false,
    },
    memo: { forwarding: null, logged: null },
    upgrade: '',
    startedAtMs: 0,
    inform: () => {},
  });
}

/** Calls the first tool of a service that answers so. */
async function call(reply: Reply, args: Readonly<Record<string, string>> = { name: 'Zoë' }) {
  const asked: Exchange[] = [];
  const towards = (exchange: Exchange): Promise<Reply> => {
    asked.push(exchange);
    return Promise.resolve(reply);
  };
  const [tool] = grpcTools(SCHEMA, PLAN, { towards, wheel: new TimingWheel(() => 0) });
  assert.ok(tool !== undefined);
  return { result: await tool.call(client(), args), asked };
}

describe('the methods of a gRPC service', () => {
  it('become tools where one message makes one message', () => {
    const ports = { towards: () => Promise.reject(new Error('not called')), wheel: new TimingWheel(() => 0) };
    const tools = grpcTools(SCHEMA, PLAN, ports);
    assert.deepEqual(
      tools.map(({ listing }) => listing),
      [
        {
          name: 'rpc_Greeter.SayHello',
          description: 'Greets.',
          inputSchema: { type: 'object' },
          annotations: { readOnlyHint: true },
        },
      ],
    );
  });

  it('are called in frames, in the name of the caller and without its token', async () => {
    const { result, asked } = await call(answered('{"text":"Hello Zoë"}', ['grpc-status', '0']));
    assert.deepEqual(result.structuredContent, { text: 'Hello Zoë' });
    const [request] = asked;
    assert.equal(request?.path, '/greeter.v1.Greeter/SayHello');
    assert.equal(request?.body, frame('{"name":"Zoë"}').toString('latin1'));
    assert.equal(request?.headers.get('content-type'), 'application/grpc+proto');
    assert.equal(request?.headers.get('te'), 'trailers');
    assert.equal(request?.headers.get('traceparent'), 'trace');
    assert.equal(request?.headers.get('authorization'), undefined);
  });

  it('tell a model what went wrong', async () => {
    const status = await call(answered(null, ['grpc-status', '5'], ['grpc-message', 'no%20such%20name']));
    const large = await call(answered(JSON.stringify({ text: 'x'.repeat(200) }), ['grpc-status', '0']));
    const none = await call(answered('{}'));
    const wrong = await call(answered('{}', ['grpc-status', '0']), { name: 'wrong' });
    for (const [{ result }, text] of [
      [status, /gRPC status 5. no such name/],
      [large, /larger than the 100 bytes/],
      [none, /no status of gRPC/],
      [wrong, /\/name is no name/],
    ] as const) {
      assert.equal(result.isError, true);
      assert.match(JSON.stringify(result.content), text);
    }
    assert.deepEqual(wrong.asked, []);
  });
});
