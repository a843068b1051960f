import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { BodyOfReads, CollectedBody } from '../../../core/body-testing.ts';
import { FULL, KEPT } from '../../../core/body.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Exchange, Handler } from '../../../core/exchange.ts';
import { headersOf } from '../../../core/headers.ts';
import { frame } from '../frames.ts';
import { ArraySplitter, lineSplitter } from './json-splitter.ts';
import {
  bytesOf,
  framesOf,
  methodOf,
  replyOf,
  rig,
  serviceOf,
  textOfBody,
  TrailedBody,
} from './transcode-testing.ts';

const WATCH = 'GET /v1/shelves/1/books:watch';
const { output: BOOK } = methodOf('WatchBooks');
const books = ['a', 'b', 'c'].map((title) => bytesOf(BOOK, { title }));
const OK = [['grpc-status', '0']] as const;
const LOST = [
  ['grpc-status', '15'],
  ['grpc-message', 'lost'],
] as const;

const accepting = (accept: string) => ({ headers: [['Accept', accept]] as const });

/** What a client that accepts a type gets of a stream. */
async function stream(
  accept: string,
  messages = books,
  status: readonly (readonly [string, string])[] = OK,
): Promise<string> {
  const { reply } = await rig({}, serviceOf(messages, status)).ask(
    WATCH,
    accept === '' ? {} : accepting(accept),
  );
  return `${reply.status} ${reply.headers.get('content-type')} ${await textOfBody(reply.body)}`;
}

describe('a stream of the service', () => {
  it('is an array, lines or events, as the client likes', async () => {
    assert.equal(await stream(''), '200 application/json [{"title":"a"},{"title":"b"},{"title":"c"}]');
    assert.equal(await stream('*/*'), '200 application/json [{"title":"a"},{"title":"b"},{"title":"c"}]');
    const lines = '{"title":"a"}\n{"title":"b"}\n{"title":"c"}\n';
    assert.equal(await stream('application/x-ndjson'), `200 application/x-ndjson ${lines}`);
    assert.equal(await stream('application/jsonl'), `200 application/jsonl ${lines}`);
    assert.equal(
      await stream('application/json;q=0.5, application/x-ndjson'),
      `200 application/x-ndjson ${lines}`,
    );
    const events =
      'data: {"title":"a"}\n\ndata: {"title":"b"}\n\ndata: {"title":"c"}\n\nevent: end\ndata: {}\n\n';
    assert.equal(await stream('text/event-stream'), `200 text/event-stream ${events}`);
    const { reply } = await rig({ streamAs: 'ndjson' }, serviceOf(books)).ask(WATCH);
    assert.equal(reply.headers.get('content-type'), 'application/x-ndjson');
    assert.equal(reply.headers.get('vary'), 'Accept');
  });

  it('may be empty', async () => {
    assert.equal(await stream('', []), '200 application/json []');
    assert.equal(await stream('application/x-ndjson', []), '200 application/x-ndjson ');
    assert.equal(await stream('text/event-stream', []), '200 text/event-stream event: end\ndata: {}\n\n');
  });

  it('that fails at once is a problem', async () => {
    assert.match(await stream('', [], LOST), /^500 application\/problem\+json .*"code":"DATA_LOSS"/);
    assert.match(await stream('application/x-ndjson', [], LOST), /^500 application\/problem\+json/);
    const trailersOnly: Handler = async () => replyOf(null, [['grpc-status', '5']]);
    const { reply } = await rig({}, trailersOnly).ask(WATCH, accepting('text/event-stream'));
    assert.equal(reply.status, 404);
  });

  it('that fails midway tells it, or breaks off', async () => {
    const [one = Buffer.of()] = books;
    const error = '{"code":15,"status":"DATA_LOSS","message":"lost"}';
    assert.equal(await stream('', [one], LOST), '200 application/json [{"title":"a"} UPSTREAM_INCOMPLETE');
    assert.equal(
      await stream('application/jsonl', [one], LOST),
      `200 application/jsonl {"title":"a"}\n{"error":${error}}\n`,
    );
    assert.equal(
      await stream('text/event-stream', [one], LOST),
      `200 text/event-stream data: {"title":"a"}\n\nevent: error\ndata: ${error}\n\n`,
    );
    assert.match(await stream('text/event-stream', [], LOST), /^200 text\/event-stream event: error/);
  });

  it('that is not as it should be breaks off', async () => {
    assert.match(await stream('', [...books, Buffer.of(0xff)]), /\{"title":"c"\} UPSTREAM_INVALID$/);
    assert.match(await stream('', books, []), /\{"title":"c"\} UPSTREAM_INVALID$/);
    await assert.rejects(stream('', [Buffer.of(0xff)]), { code: 'UPSTREAM_INVALID' });
  });

  it('goes on as fast as the client reads, and no faster', async () => {
    const source = new TrailedBody(
      books.map((book) => frame(0, book)),
      headersOf(...OK),
    );
    const { reply } = await rig({}, async () => replyOf(source)).ask(WATCH);
    assert.equal(source.left, 2, 'read ahead');
    const sink = new CollectedBody();
    sink.answer = FULL;
    assert.ok(typeof reply.body === 'object' && reply.body !== null);
    reply.body.readTo(sink);
    assert.deepEqual([source.left, sink.bytes.toString()], [2, '[{"title":"a"}']);
    reply.body.resume();
    assert.deepEqual([source.left, sink.bytes.toString()], [1, '[{"title":"a"},{"title":"b"}']);
    sink.answer = KEPT;
    reply.body.resume();
    await sink.ended;
    assert.equal(sink.bytes.toString(), '[{"title":"a"},{"title":"b"},{"title":"c"}]');
  });

  it('is cancelled by the client, before and after it has begun', async () => {
    const source = new TrailedBody(
      books.map((book) => frame(0, book)),
      headersOf(...OK),
    );
    const { reply } = await rig({}, async () => replyOf(source)).ask(WATCH);
    if (typeof reply.body === 'object') reply.body?.cancel();
    assert.ok(source.isCancelled);
  });

  it('of bytes has the type of its first piece', async () => {
    const { output } = methodOf('ReadPages');
    const pages = [
      bytesOf(output, { contentType: 'text/plain', data: 'b25l' }),
      bytesOf(output, { contentType: 'ignored', data: 'dHdv' }),
    ];
    const { reply } = await rig({}, serviceOf(pages)).ask('GET /v1/shelves/1/books/2:read');
    assert.deepEqual(
      [reply.headers.get('content-type'), await textOfBody(reply.body)],
      ['text/plain', 'onetwo'],
    );
  });

  it('to HEAD has no body', async () => {
    const { reply } = await rig({}, serviceOf(books)).ask(WATCH.replace('GET', 'HEAD'));
    assert.deepEqual([reply.status, reply.body], [200, null]);
  });
});

const ADD = 'POST /v1/shelves/1/books:add';
const { input: ADDED, output: COUNT } = methodOf('AddBooks');

/** A service that reads all messages, and answers with their number. */
function counting(seen: string[]): Handler {
  return async (exchange) => {
    const frames = framesOf(await bytesOfCall(exchange));
    seen.push(...frames.map((bytes) => ADDED.toJson(bytes)));
    return serviceOf([bytesOf(COUNT, { count: frames.length })])(exchange);
  };
}

async function bytesOfCall({ body }: Exchange): Promise<Buffer> {
  if (body === null || typeof body === 'string') return Buffer.from(body ?? '', 'latin1');
  const sink = new CollectedBody();
  body.readTo(sink);
  const ending = await sink.ended;
  if (ending instanceof GatewayError) throw ending;
  return sink.bytes;
}

/** The messages of which a stream of a client consists, or why not. */
async function add(type: string, body: string | BodyOfReads): Promise<string[]> {
  const seen: string[] = [];
  const { ask } = rig({ messageBytes: 100 }, counting(seen));
  try {
    const { reply } = await ask(ADD, { headers: [['Content-Type', type]], body });
    return reply.status === 200 ? [...seen, String(reply.body)] : [`${reply.status}`];
  } catch (error) {
    return error instanceof GatewayError ? [`${error.code} ${error.detail}`] : [String(error)];
  }
}

const inPieces = (text: string): BodyOfReads =>
  new BodyOfReads(...Array.from(Buffer.from(text), (byte) => [Buffer.of(byte)]));

describe('a stream of the client', () => {
  const expected = ['{"parent":"shelves/1","requestId":"a]}"}', '{"parent":"shelves/1"}', '{"count":"2"}'];

  for (const sent of [(text: string) => text, inPieces]) {
    const how = sent === inPieces ? 'in pieces' : 'at once';
    it(`is lines or an array, ${how}`, async () => {
      assert.deepEqual(await add('application/x-ndjson', sent('{"requestId":"a]}"}\n\n{}')), expected);
      assert.deepEqual(await add('application/json', sent(' [ {"requestId":"a]}"} , {} ] ')), expected);
      assert.deepEqual(await add('application/json', sent('[]')), ['{}']);
      assert.deepEqual(await add('application/x-ndjson', sent('\n')), ['{}']);
    });

    it(`is refused where it is none, ${how}`, async () => {
      const array = 'INVALID_REQUEST The body is no JSON array';
      for (const text of ['{}', '[]]', '[] {}', '1'])
        assert.deepEqual(await add('application/json', sent(text)), [array], text);
      for (const text of ['[', '[{}', '[{},', ' '])
        assert.deepEqual(await add('application/json', sent(text)), [`${array}, or breaks off`], text);
      for (const text of ['[,]', '[{},]', '[{},,{}]'])
        assert.deepEqual(
          await add('application/json', sent(text)),
          ['INVALID_REQUEST The body has a comma too many'],
          text,
        );
      const [second] = await add('application/x-ndjson', sent('{}\n{"nothing":1}\n'));
      assert.match(second ?? '', /^INVALID_REQUEST Message 2 of the stream at \/nothing: /);
      const [large] = await add('application/x-ndjson', sent(`{"requestId":"${'x'.repeat(200)}"}`));
      assert.match(large ?? '', /^BODY_TOO_LARGE/);
      assert.match(
        String(await add('application/json', sent(`[{"requestId":"${'x'.repeat(200)}"}]`))),
        /^BODY_TOO_LARGE/,
      );
      assert.deepEqual(await add('text/plain', sent('x')), ['415']);
    });
  }

  it('goes on message by message, and as fast as the service reads', async () => {
    const source = new BodyOfReads(
      [Buffer.from('{"requestId":"a"}\n{"req')],
      [Buffer.from('uestId":"b"}\n')],
      [Buffer.from('{}')],
    );
    let call: Exchange['body'] = null;
    const { ask } = rig({}, async (exchange) => {
      call = exchange.body;
      return serviceOf([new Uint8Array(0)])(exchange);
    });
    await ask(ADD, { headers: [['Content-Type', 'application/x-ndjson']], body: source });
    const body = call as Exchange['body'];
    assert.ok(typeof body === 'object' && body !== null);
    const sink = new CollectedBody();
    sink.answer = FULL;
    body.readTo(sink);
    assert.deepEqual([sink.pieces.length, source.left], [1, 2]);
    body.resume();
    assert.deepEqual([sink.pieces.length, source.left], [2, 1]);
    body.resume();
    await sink.ended;
    assert.equal(sink.pieces.length, 3);
  });
});

it('a call that goes both ways begins before anything has come', async () => {
  const silent = { length: -1, readTo() {}, resume() {}, cancel() {} };
  const { ask } = rig({}, async () => replyOf(silent));
  const headers = [
    ['Content-Type', 'application/x-ndjson'],
    ['Accept', 'application/x-ndjson'],
  ] as const;
  const { reply } = await ask('POST /v1/discussion', { headers, body: inPieces('{}\n') });
  assert.equal(reply.status, 200);
});

it('events begin before anything has come', async () => {
  const silent = { length: -1, readTo() {}, resume() {}, cancel() {} };
  const { reply } = await rig({}, async () => replyOf(silent)).ask(WATCH, accepting('text/event-stream'));
  assert.deepEqual([reply.status, reply.headers.get('cache-control')], [200, 'no-cache']);
});

describe('splitters', () => {
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));

  it('find the messages of any stream, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(json, { maxLength: 5 }),
        fc.array(fc.nat(200), { maxLength: 6 }),
        (texts, cuts) => {
          for (const kind of ['array', 'lines'] as const) {
            const bytes = Buffer.from(kind === 'array' ? `[${texts.join(' ,\n')}]` : texts.join('\n'));
            const seen: string[] = [];
            const rules = {
              maxBytes: 100_000,
              take: (text: Buffer) => void seen.push(text.toString().trim()),
            };
            const splitter = kind === 'array' ? new ArraySplitter(rules) : lineSplitter(rules);
            const places = [
              0,
              ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
              bytes.length,
            ];
            for (const [index, from] of places.entries())
              splitter.feed(bytes.subarray(from, places[index + 1] ?? from));
            splitter.end();
            assert.deepEqual(seen, texts);
          }
        },
      ),
    );
  });

  it('never break on what is no stream', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', ' ', '1', '\n') }),
        (text) => {
          const splitter = new ArraySplitter({ maxBytes: 20, take() {} });
          try {
            splitter.feed(Buffer.from(text));
            splitter.end();
          } catch (error) {
            assert.ok(error instanceof GatewayError);
          }
        },
      ),
    );
  });
});
