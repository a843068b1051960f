// What a unary call costs that is transcoded, beside the same handler alone. Run: node packages/gateway/src/translate/grpc/transcode/transcode.bench.ts
import { TAKEN } from '../../../core/body.ts';
import { exchangeFrom } from '../../../core/exchange-testing.ts';
import type { Exchange, Handler } from '../../../core/exchange.ts';
import { headersOf } from '../../../core/headers.ts';
import { frame } from '../frames.ts';
import { bytesOf, CONFIG, LIBRARY, methodOf, replyOf } from './transcode-testing.ts';
import { transcode } from './transcode.ts';

const ROUNDS = 7;
const TIMES = 20_000;

const BOOK = {
  name: 'shelves/1/books/2',
  title: 'The Gateway',
  pages: '412',
  genre: 'NOVEL',
  authors: ['Alice Example', 'Bob Example'],
  publishedAt: '2026-01-02T03:04:05Z',
  author: { fullName: 'Alice Example', isLiving: true },
};
const ANSWER = frame(0, bytesOf(methodOf('GetBook').output, BOOK));
const BOOKS = frame(0, bytesOf(methodOf('ListBooks').output, { books: [BOOK] }));
const TRAILERS = headersOf(['grpc-status', '0']);
const JSON_BODY = JSON.stringify(BOOK);

const ignore = (): void => {};
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const stage = transcode(CONFIG, { service: 'library', schemas: LIBRARY, log });
const HEADERS = headersOf(
  ['User-Agent', 'curl/8.5.0'],
  ['Accept', 'application/json'],
  ['Accept-Encoding', 'gzip'],
  ['Content-Type', 'application/json'],
  ['Authorization', 'Bearer abcdefghijklmnopqrstuvwxyz'],
);

/** Answers as a connection does: a message, then the trailers. */
const service: Handler = async ({ targetPath }) =>
  replyOf({
    length: -1,
    readTo(sink) {
      sink.write(targetPath.endsWith('/ListBooks') ? BOOKS : ANSWER);
      sink.end(TRAILERS);
    },
    resume: ignore,
    cancel: ignore,
  });

/** As a caller of gRPC would: the reply is read, and nothing made of it. */
const passThrough: Handler = async (exchange) => {
  const reply = await service(exchange);
  if (typeof reply.body === 'object')
    reply.body?.readTo({ write: () => TAKEN, flush: ignore, end: ignore, fail: ignore });
  return reply;
};

const requests: Readonly<Record<string, () => Exchange>> = {
  'GET with a path': () =>
    exchangeFrom({ path: '/v1/shelves/1/books/2', query: '', headers: HEADERS.share() }),
  'GET with 4 parameters': () =>
    exchangeFrom({
      path: '/v1/books',
      query: '?page_size=5&genres=NOVEL&years=2020&filter.text=a',
      headers: HEADERS.share(),
    }),
  'PATCH with a body of 215 bytes': () =>
    exchangeFrom({
      method: 'PATCH',
      path: '/v1/shelves/1/books/2',
      query: '',
      headers: HEADERS.share(),
      body: JSON_BODY,
    }),
};

async function microseconds(handle: Handler, request: () => Exchange): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    for (let i = 0; i < TIMES; i++) await handle(request());
    best = Math.min(best, (1000 * (performance.now() - startedAt)) / TIMES);
  }
  return best;
}

const transcoded = stage(service);
for (const [name, request] of Object.entries(requests)) {
  const alone = await microseconds(passThrough, request);
  const whole = await microseconds(transcoded, request);
  console.log(`${name}: ${(whole - alone).toFixed(2)} µs for the stage, ${alone.toFixed(2)} µs without it`);
}
