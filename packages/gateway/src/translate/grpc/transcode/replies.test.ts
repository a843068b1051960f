import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { GatewayError } from '../../../core/errors.ts';
import { exchangeFrom } from '../../../core/exchange-testing.ts';
import type { Handler } from '../../../core/exchange.ts';
import { GRPC_CODES, HTTP_STATUS_OF_GRPC } from '../../../core/grpc-status.ts';
import { headersOf } from '../../../core/headers.ts';
import { refuse } from '../../../core/problem.ts';
import { frame } from '../frames.ts';
import { delimited, delimitedTag } from './wire-fields.ts';
import { bytesOf, methodOf, replyOf, rig, serviceOf, TrailedBody } from './transcode-testing.ts';

const BOOK = 'GET /v1/shelves/1/books/2';

/** Fields of a message that are all texts or messages, by number. */
function message(...fields: readonly (readonly [number: number, value: string | Uint8Array])[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => delimited(delimitedTag(number), Buffer.from(value as string))),
  );
}

/** A `google.rpc.Status` with these details, as trailers have it. */
function statusBin(...details: readonly (readonly [type: string, value: Uint8Array])[]): string {
  const any = details.map(([type, value]) => message([1, `type.googleapis.com/${type}`], [2, value]));
  const bytes = Buffer.concat([
    Buffer.of(8, 3),
    message([2, 'm'], ...any.map((detail) => [3, detail] as const)),
  ]);
  return bytes.toString('base64').replace(/=+$/, '');
}

async function failure(status: readonly (readonly [string, string])[], metadata: typeof status = []) {
  const { reply, exchange } = await rig({}, serviceOf([], status, metadata)).ask(BOOK);
  const problem = JSON.parse(Buffer.from(String(reply.body), 'latin1').toString()) as Readonly<
    Record<string, unknown>
  >;
  return { reply, exchange, problem };
}

describe('a call that fails at the service', () => {
  for (const [code, name] of GRPC_CODES.entries()) {
    if (code === 0) continue;
    it(`with ${name} is ${HTTP_STATUS_OF_GRPC[code]}`, async () => {
      const { reply, exchange, problem } = await failure([
        ['grpc-status', String(code)],
        ['grpc-message', 'No book %C3%A4'],
      ]);
      assert.deepEqual(
        [reply.status, reply.code, exchange.record.grpcStatus],
        [HTTP_STATUS_OF_GRPC[code], '', code],
      );
      assert.equal(reply.headers.get('content-type'), 'application/problem+json');
      const { type, detail, status, requestId, code: told } = problem;
      assert.deepEqual(
        { type, detail, status, requestId, told },
        {
          type: `https://google.rpc/${name}`,
          detail: 'No book ä',
          status: reply.status,
          requestId: 'r-1',
          told: name,
        },
      );
    });
  }

  it('is told with all details that are known', async () => {
    const { reply, problem } = await failure([
      ['grpc-status', '3'],
      ['grpc-message', 'bad'],
      [
        'grpc-status-details-bin',
        statusBin(
          [
            'google.rpc.BadRequest',
            message(
              [1, message([1, 'book.authors[0]'], [2, 'is empty'], [3, 'EMPTY'])],
              [1, message([2, 'all'])],
            ),
          ],
          [
            'google.rpc.ErrorInfo',
            message([1, 'EMPTY_AUTHOR'], [2, 'library.example.com'], [3, message([1, 'shelf'], [2, '1'])]),
          ],
          ['google.rpc.RetryInfo', message([1, Buffer.of(8, 2, 16, 0x80, 0xca, 0xb5, 0xee, 0x01)])],
          ['google.rpc.QuotaFailure', message([1, message([1, 'clientip'], [2, 'daily'])])],
          ['google.rpc.ResourceInfo', message([1, 'book'], [2, 'books/1'])],
          ['google.rpc.Help', message([1, message([1, 'docs'], [2, 'https://example.com'])])],
          ['google.rpc.LocalizedMessage', message([1, 'de'], [2, 'Schlecht'])],
          ['google.rpc.DebugInfo', message([1, 'at secret.ts:1'])],
          ['other.v1.Thing', Buffer.of(1, 2, 3)],
        ),
      ],
    ]);
    assert.equal(reply.headers.get('retry-after'), '3');
    const { details, ...told } = problem;
    assert.deepEqual(told, {
      type: 'https://library.example.com/EMPTY_AUTHOR',
      title: 'Invalid argument',
      status: 400,
      detail: 'Schlecht',
      code: 'INVALID_ARGUMENT',
      reason: 'EMPTY_AUTHOR',
      domain: 'library.example.com',
      metadata: { shelf: '1' },
      errors: [
        { detail: 'is empty', field: 'book.authors[0]', pointer: '#/book/authors/0', reason: 'EMPTY' },
        { detail: 'all', field: '', pointer: '#' },
      ],
      retryAfter: 3,
      violations: [{ subject: 'clientip', description: 'daily' }],
      resource: { resourceType: 'book', resourceName: 'books/1' },
      help: [{ description: 'docs', url: 'https://example.com' }],
      requestId: 'r-1',
    });
    assert.ok(Array.isArray(details));
    assert.equal(details.length, 8);
    assert.deepEqual(details[2], { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2.5s' });
    assert.deepEqual(details[7], { '@type': 'type.googleapis.com/other.v1.Thing', value: 'AQID' });
    assert.doesNotMatch(JSON.stringify(problem), /secret/);
  });

  it('is told without details that cannot be read', async () => {
    for (const bin of [
      'AAAA',
      '!!!',
      Buffer.from([0x1a, 0x7f]).toString('base64'),
      statusBin(['google.rpc.BadRequest', Buffer.of(0xff)]),
    ]) {
      const { problem } = await failure([
        ['grpc-status', '9'],
        ['grpc-status-details-bin', bin],
      ]);
      assert.equal(problem['code'], 'FAILED_PRECONDITION', bin);
    }
  });

  it('in its head, or without gRPC at all, is told too', async () => {
    const headers = headersOf(
      ['grpc-status', '5'],
      ['grpc-message', 'gone'],
      ['content-type', 'application/grpc'],
      ['x-shelf', '1'],
    );
    const trailersOnly: Handler = async () => ({ ...replyOf(null), headers });
    const { reply } = await rig({}, trailersOnly).ask(BOOK);
    assert.deepEqual([reply.status, reply.headers.get('x-shelf')], [404, '1']);
    for (const [status, expected] of [
      [404, 501],
      [401, 401],
      [502, 503],
      [429, 503],
      [500, 500],
      [431, 500],
    ] as const) {
      const body = new TrailedBody([Buffer.from('<html>')], null);
      const html: Handler = async () => ({
        ...replyOf(body),
        status,
        headers: headersOf(['content-type', 'text/html']),
      });
      assert.equal((await rig({}, html).ask(BOOK)).reply.status, expected, `${status}`);
      assert.ok(body.isCancelled);
    }
    const other: Handler = async () => ({
      ...replyOf('hello'),
      headers: headersOf(['content-type', 'text/html']),
    });
    await assert.rejects(rig({}, other).ask(BOOK), { code: 'UPSTREAM_INVALID' });
  });
});

describe('what is refused inside', () => {
  it('is told in the way of the client', async () => {
    const busy: Handler = async (exchange) =>
      refuse(exchange, 'OVERLOADED', { fields: [['Retry-After', '2']] });
    const { reply } = await rig({}, busy).ask(BOOK);
    assert.deepEqual(
      [reply.status, reply.code, reply.headers.get('content-type'), reply.headers.get('retry-after')],
      [503, 'OVERLOADED', 'application/problem+json', '2'],
    );
    assert.match(reply.headers.get('proxy-status') ?? '', /^turnpike/);
  });

  it('is an error where it breaks off', async () => {
    const broken = new GatewayError('UPSTREAM_RESET', 'as the test says');
    await assert.rejects(rig({}, () => Promise.reject(broken)).ask(BOOK), broken);
    const body = {
      length: -1,
      readTo: (sink: { fail(error: GatewayError): void }) => sink.fail(broken),
      resume() {},
      cancel() {},
    };
    await assert.rejects(rig({}, async () => replyOf(body)).ask(BOOK), broken);
  });

  it('ends with the exchange', async () => {
    let isCancelled = false;
    const silent = { length: -1, readTo() {}, resume() {}, cancel: () => void (isCancelled = true) };
    const { handle } = rig({}, async () => replyOf(silent));
    const exchange = exchangeFrom({ path: '/v1/shelves/1/books/2', query: '' });
    const reply = handle(exchange);
    await new Promise(setImmediate);
    exchange.cancel('CLIENT_CLOSED');
    await assert.rejects(reply, { code: 'CLIENT_CLOSED' });
    assert.ok(isCancelled);
  });

  it('is nothing when nothing is known of the service', async () => {
    const { transcode } = await import('./transcode.ts');
    const { CONFIG } = await import('./transcode-testing.ts');
    const log = { debug() {}, info() {}, error() {}, warn() {} };
    const wrap = transcode(CONFIG, { service: 's', schemas: { of: () => null, isAwaited: () => true }, log });
    const reply = await wrap(() => Promise.reject(new Error('not to be called')))(exchangeFrom());
    assert.deepEqual([reply.status, reply.code], [503, 'NO_ENDPOINT']);
  });
});

describe('a message that the service has compressed', () => {
  const book = bytesOf(methodOf('GetBook').output, { title: 'x'.repeat(5000) });
  const answer =
    (flags: number, bytes: Uint8Array, coding: string): Handler =>
    async () =>
      replyOf(new TrailedBody([frame(flags, bytes)], headersOf(['grpc-status', '0'])), [
        ['grpc-encoding', coding],
      ]);

  it('is read, up to the size of a message', async () => {
    const { reply } = await rig({}, answer(1, gzipSync(book), 'gzip')).ask(BOOK);
    assert.equal((reply.body as string).length, 5012);
    await assert.rejects(rig({ messageBytes: 4000 }, answer(1, gzipSync(book), 'gzip')).ask(BOOK), {
      code: 'RESPONSE_TOO_LARGE',
    });
    await assert.rejects(rig({}, answer(1, book, 'gzip')).ask(BOOK), { code: 'UPSTREAM_INVALID' });
    await assert.rejects(rig({}, answer(1, book, 'br')).ask(BOOK), { code: 'UPSTREAM_INVALID' });
  });

  it('and one that it has not compressed is read as well', async () => {
    assert.equal((await rig({}, answer(0, book, 'gzip')).ask(BOOK)).reply.status, 200);
  });
});
