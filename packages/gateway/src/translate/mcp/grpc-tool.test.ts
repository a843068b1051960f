import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange, Handler } from '../../core/exchange.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { GrpcSchema, GrpcSchemas } from '../../core/grpc-schema.ts';
import { headersOf } from '../../core/headers.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { bytesOf, framesOf, LIBRARY, methodOf, serviceOf } from '../grpc/transcode/transcode-testing.ts';
import { methodCalls } from '../translate.ts';
import { grpcTools, type GrpcToolPlan } from './grpc-tool.ts';

const BOOK = { name: 'shelves/1/books/2', title: 'Ä', pages: '9007199254740993' };
const OF_BOOK = bytesOf(methodOf('GetBook').output, BOOK);
const LOG = { debug() {}, info() {}, warn() {}, error() {} };

/** The tools of a service that answers each call in the same way. */
function rig(service: Handler, plan: Partial<GrpcToolPlan> = {}, described: GrpcSchema | null = null) {
  const schemas: GrpcSchemas = {
    of: (service, json) => described ?? LIBRARY.of(service, json),
    isAwaited: () => false,
  };
  const schema = schemas.of('library');
  assert.ok(schema !== null);
  const calls: {
    readonly exchange: Exchange;
    readonly path: string;
    readonly fields: string;
    readonly bytes: Buffer;
  }[] = [];
  const leftOut: string[] = [];
  const towards = methodCalls({ service: 'library', schemas, log: LOG })((exchange) => {
    const { headers, targetPath, body } = exchange;
    const [bytes = Buffer.alloc(0)] = framesOf(Buffer.from(String(body), 'latin1'));
    calls.push({ exchange, path: targetPath, fields: headers.endToEndLines(), bytes });
    return service(exchange);
  });
  const tools = grpcTools(
    schema,
    {
      isChosen: () => true,
      prefix: '',
      resultBytes: 1000,
      leftOut: (method, why) => leftOut.push(`${method}: ${why}`),
      ...plan,
    },
    { towards, wheel: new TimingWheel(() => 0), ownsCredentials: false },
  );
  async function call(name: string, args: Readonly<Record<string, string | number>>, text = '') {
    const tool = tools.find((one) => one.name === name);
    assert.ok(tool !== undefined, name);
    const exchange = exchangeFrom({
      method: 'POST',
      path: '/mcp',
      headers: headersOf(['Authorization', 'Bearer secret'], ['Traceparent', 'trace']),
      body: text === '' ? null : text,
    });
    return tool.call(exchange, args);
  }
  return { tools, calls, leftOut, call };
}

function schemaOf(...methods: readonly Partial<GrpcSchema['methods'][number]>[]): GrpcSchema {
  const all = methods.map((more) => ({ ...methodOf('GetBook'), ...more }));
  return { methods: all, method: (path) => all.find((one) => one.path === path) };
}

const ANSWER = serviceOf([OF_BOOK]);

describe('the methods of a gRPC service', () => {
  it('become tools where one message makes one message', () => {
    const { tools, leftOut } = rig(ANSWER, {
      isChosen: (name) => !name.endsWith('/PurgeBooks'),
      prefix: 'rpc_',
    });
    assert.deepEqual(
      tools.map(({ name }) => name),
      [
        'GetBook',
        'ListBooks',
        'CreateBook',
        'UpdateBook',
        'MoveBook',
        'DeleteBook',
        'CountBooks',
        'GetCover',
        'PutCover',
      ].map((name) => `rpc_Library.${name}`),
    );
    const listing = tools[0]?.listing as { description: string; inputSchema: { properties: object } };
    assert.equal(listing.description, 'One book.');
    assert.deepEqual(listing.inputSchema.properties, { name: { type: 'string' } });
    assert.deepEqual(leftOut, []);
  });

  it('keep names of their own where two would have the same', () => {
    const schema = schemaOf(
      { service: 'a.v1.Users', path: '/a.v1.Users/GetBook' },
      { service: 'b.v1.Users', path: '/b.v1.Users/GetBook' },
      { service: 'b.v1.Other', path: '/b.v1.Other/GetBook' },
    );
    const { tools } = rig(ANSWER, {}, schema);
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['a.v1.Users.GetBook', 'b.v1.Users.GetBook', 'Other.GetBook'],
    );
  });

  it('are left out, and told, where a tool cannot be', () => {
    const scalar = { ...methodOf('GetBook').input, jsonSchema: () => ({ type: 'string' }) };
    const huge = {
      ...methodOf('GetBook').input,
      jsonSchema: () => ({ type: 'object', description: 'x'.repeat(40_000) }),
    };
    const media = methodOf('GetCover').output;
    const schema = schemaOf(
      { name: 'A', input: scalar },
      { name: 'B', input: huge },
      { name: 'C', input: media },
      { name: 'D'.repeat(130) },
    );
    const { tools, leftOut } = rig(ANSWER, {}, schema);
    assert.deepEqual(tools, []);
    assert.equal(leftOut.length, 4);
  });

  it('are called in the name of the caller and without its token', async () => {
    const { call, calls } = rig(ANSWER);
    const result = await call('Library.GetBook', { name: 'shelves/1/books/2' });
    assert.equal(result.isError, false);
    const value = result.structuredContent as Readonly<Record<string, unknown>>;
    assert.deepEqual({ ...value, ...BOOK }, value);
    assert.deepEqual(value['authors'], [], 'what has its default is there, too');
    const [seen] = calls;
    assert.equal(seen?.path, '/library.v1.Library/GetBook');
    assert.match(seen?.fields ?? '', /content-type: application\/grpc\r\n/i);
    assert.match(seen?.fields ?? '', /traceparent: trace\r\n/i);
    assert.doesNotMatch(seen?.fields ?? '', /secret|authorization/i);
  });

  it('get numbers as they were written', async () => {
    const { call, calls } = rig(ANSWER);
    const text = '{"params":{"arguments":{"id":9007199254740993}}}';
    await call('Library.MoveBook', { id: 9007199254740992 }, text);
    assert.equal(
      methodOf('MoveBook').input.toJson(calls[0]?.bytes ?? Buffer.alloc(0)),
      '{"id":"9007199254740993"}',
    );
  });

  it('tell a model what went wrong', async () => {
    const missing = serviceOf(
      [],
      [
        ['grpc-status', '5'],
        ['grpc-message', 'no%20such%20book'],
      ],
    );
    const noEnd = serviceOf([OF_BOOK], []);
    const large = serviceOf([bytesOf(methodOf('GetBook').output, { title: 'x'.repeat(2000) })]);
    const garbage = serviceOf([Buffer.from('garbage, and no message')]);
    const two = serviceOf([OF_BOOK, OF_BOOK]);
    for (const [service, text] of [
      [missing, /status 404.*no such book/s],
      [noEnd, /UPSTREAM_INVALID/],
      [large, /larger than the 1000 bytes/],
      [garbage, /UPSTREAM_INVALID/],
      [two, /UPSTREAM_INVALID/],
    ] as const) {
      const result = await rig(service).call('Library.GetBook', { name: 'a' });
      assert.equal(result.isError, true);
      assert.match(JSON.stringify(result.content), text);
    }
  });

  it('are not called with what they do not take', async () => {
    const { call, calls } = rig(ANSWER);
    const result = await call('Library.GetBook', { nome: 'a' });
    assert.equal(result.isError, true);
    assert.match(JSON.stringify(result.content), /#\/nome/);
    assert.deepEqual(calls, []);
  });
});
