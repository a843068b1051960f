import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FULL, UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { collectBody } from '../../core/collect-body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler } from '../../core/exchange.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { GrpcSchema, GrpcSchemas } from '../../core/grpc-schema.ts';
import { headersOf } from '../../core/headers.ts';
import type { JsonRecord } from '../../core/mcp/message.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import {
  bytesOf,
  framesOf,
  LIBRARY,
  methodOf,
  replyOf,
  serviceOf,
} from '../grpc/transcode/transcode-testing.ts';
import { frame } from '../grpc/frames.ts';
import { methodCalls } from '../translate.ts';
import { grpcTools, type GrpcToolPlan } from './grpc-tool.ts';
import type { ToolResult } from './results.ts';
import { ToldMessages, type Teller } from './told-messages.ts';

const BOOK = { name: 'shelves/1/books/2', title: 'Ä', pages: '9007199254740993' };
const OF_BOOK = bytesOf(methodOf('GetBook').output, BOOK);
const LOG = { debug() {}, info() {}, warn() {}, error() {} };

/** The request of a client, which has this body. */
function asks(text = ''): Exchange {
  return exchangeFrom({
    method: 'POST',
    path: '/mcp',
    headers: headersOf(['Authorization', 'Bearer secret'], ['Traceparent', 'trace']),
    body: text === '' ? null : text,
  });
}

/** How a tool is called, beside its arguments. */
interface Called {
  readonly asking?: Exchange;
  readonly teller?: Teller | null;
}

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
  async function called(name: string, args: JsonRecord, { asking = asks(), teller = null }: Called = {}) {
    const tool = tools.find((one) => one.name === name);
    assert.ok(tool !== undefined, name);
    return tool.call(asking, { args, teller });
  }
  async function call(name: string, args: JsonRecord, text = ''): Promise<ToolResult> {
    const result = await called(name, args, { asking: asks(text) });
    assert.ok(!(result instanceof ToldMessages));
    return result;
  }
  return { tools, calls, leftOut, call, called };
}

function schemaOf(...methods: readonly Partial<GrpcSchema['methods'][number]>[]): GrpcSchema {
  const all = methods.map((more) => ({ ...methodOf('GetBook'), ...more }));
  return { methods: all, method: (path) => all.find((one) => one.path === path) };
}

const ANSWER = serviceOf([OF_BOOK]);
const BROKEN = new GatewayError('UPSTREAM_RESET', 'gone');

const TELLER: Teller = {
  requestId: 'r1',
  message: (count, text) =>
    Buffer.from(`${count}:${JSON.stringify((JSON.parse(text) as { title: string }).title)}\n`),
  result: (result) => Buffer.from(`${result.isError ? 'error' : 'ok'}:${JSON.stringify(result)}`),
};

/** The same messages again and again, as often as they are asked for; with a fault once. */
function endlessBody(
  messages: readonly Uint8Array[],
  cancelled: () => void,
  fault?: GatewayError,
): BodySource {
  let sink: BodySink | null = null;
  const bytes = Buffer.concat(messages.map((message) => frame(0, message)));
  const more = (): void => {
    if (bytes.length === 0) return;
    const taken = sink?.write(bytes);
    sink?.flush();
    if (fault !== undefined) sink?.fail(fault);
    else if (taken !== FULL && sink !== null) setImmediate(more);
  };
  return {
    length: UNKNOWN_LENGTH,
    readTo(given) {
      sink = given;
      more();
    },
    resume: more,
    cancel() {
      sink = null;
      cancelled();
    },
  };
}

describe('the methods of a gRPC service', () => {
  it('become tools where one message asks', () => {
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
        'WatchBooks',
        'ReadPages',
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

  describe('that answer with a stream', () => {
    const books = (count: number): Uint8Array[] =>
      Array.from({ length: count }, (_, i) => bytesOf(methodOf('WatchBooks').output, { title: `${i}` }));
    const titlesOf = ({ structuredContent }: ToolResult): unknown[] =>
      (structuredContent as { messages: { title: string }[] }).messages.map(({ title }) => title);
    const lost = [['grpc-status', '15']] as const;

    it('give all messages together', async () => {
      const result = await rig(serviceOf(books(3))).call('Library.WatchBooks', {});
      assert.deepEqual(titlesOf(result), ['0', '1', '2']);
      assert.deepEqual(JSON.parse((result.content[0] as { text: string }).text), result.structuredContent);
      assert.deepEqual(titlesOf(await rig(serviceOf([])).call('Library.WatchBooks', {})), []);
    });

    it('say after how many messages they failed', async () => {
      const result = await rig(serviceOf(books(2), lost)).call('Library.WatchBooks', {});
      assert.equal(result.isError, true);
      assert.match(JSON.stringify(result.content), /after 2 messages.*DATA_LOSS.*title/s);
      const atOnce = await rig(serviceOf([], [['grpc-status', '5']])).call('Library.WatchBooks', {});
      assert.match(JSON.stringify(atOnce.content), /NOT_FOUND/);
    });

    it('are ended when they are too much for a result', async () => {
      let cancels = 0;
      const endless: Handler = () => Promise.resolve(replyOf(endlessBody(books(100), () => cancels++)));
      const result = await rig(endless).call('Library.WatchBooks', {});
      assert.equal(result.isError, true);
      assert.match(JSON.stringify(result.content), /larger than the 1000 bytes/);
      assert.equal(cancels, 1);
    });

    it('are ended when nobody waits for them any more', async () => {
      let cancels = 0;
      const silent: Handler = () => Promise.resolve(replyOf(endlessBody([], () => cancels++)));
      const { called, calls } = rig(silent);
      const asking = asks();
      const waiting = called('Library.WatchBooks', {}, { asking });
      const gone = assert.rejects(waiting, { code: 'CLIENT_CLOSED' });
      // The call is on its way when the client leaves.
      while (calls.length === 0) await new Promise(setImmediate);
      asking.cancel('CLIENT_CLOSED');
      await gone;
      assert.equal(cancels, 1);
    });

    it('are told as they come, and ended with their result, whatever it is', async () => {
      for (const [service, expected] of [
        [serviceOf(books(2)), /^1:"0"\n2:"1"\nok:.*"messages":\[/s],
        [serviceOf(books(2), lost), /^1:"0"\n2:"1"\nerror:.*after 2 messages/s],
        [serviceOf(books(100)), /^1:"0"\n2:"1"\n.*error:.*larger than the 1000 bytes/s],
        [
          () => Promise.resolve(replyOf(endlessBody(books(2), () => {}, BROKEN))),
          /2:"1"\nerror:.*UPSTREAM_RESET/s,
        ],
      ] as const) {
        const told = await rig(service).called('Library.WatchBooks', {}, { teller: TELLER });
        assert.ok(told instanceof ToldMessages);
        const { bytes } = await collectBody(exchangeFrom(), told, 100_000);
        assert.match(bytes ?? '', expected);
      }
    });

    it('pass no faster than who listens, and end with it', async () => {
      let cancels = 0;
      const service: Handler = () => Promise.resolve(replyOf(endlessBody(books(2), () => cancels++)));
      const told = await rig(service).called('Library.WatchBooks', {}, { teller: TELLER });
      assert.ok(told instanceof ToldMessages);
      const written: string[] = [];
      told.readTo({
        write: (chunk) => (written.push(chunk.toString()), FULL),
        flush() {},
        end: () => assert.fail('it goes on'),
        fail: () => assert.fail('it goes on'),
      });
      assert.equal(written.length, 2, 'one read, and then a pause');
      told.resume();
      assert.equal(written.length, 4);
      told.cancel();
      assert.equal(cancels, 1);
    });
  });

  it('are not called with what they do not take', async () => {
    const { call, calls } = rig(ANSWER);
    const result = await call('Library.GetBook', { nome: 'a' });
    assert.equal(result.isError, true);
    assert.match(JSON.stringify(result.content), /#\/nome/);
    assert.deepEqual(calls, []);
  });
});
