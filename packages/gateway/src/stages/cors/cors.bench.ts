// What the stage costs a request. Run: node packages/gateway/src/stages/cors/cors.bench.ts
import type { CorsConfig } from '@turnpike/config';
import type { Exchange, Handler } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { cors } from './cors.ts';

const ROUNDS = 7;
const TIMES = 100_000;
const ignore = (): void => {};
const decisions = () => ({ allowed: ignore, denied: ignore, reported: ignore, failed: ignore });
const config: CorsConfig = {
  mode: 'on',
  origins: ['https://app.example.com', 'https://*.wild.example'],
  methods: [],
  headers: ['authorization', 'content-type'],
  exposeHeaders: ['etag'],
  credentials: true,
  maxAgeMs: 600_000,
  privateNetwork: false,
};

/** A reply as a service gives it. */
const headers = headersOf(
  ['Content-Type', 'application/json'],
  ['Content-Length', '1024'],
  ['Date', 'Mon, 06 Jul 2026 00:00:00 GMT'],
  ['Server', 'nginx'],
  ['ETag', '"abc"'],
  ['Vary', 'Accept-Encoding'],
  ['Cache-Control', 'no-cache'],
  ['Via', '1.1 turnpike'],
);
headers.endToEndLines();
const next: Handler = () =>
  Promise.resolve({ status: 200, headers: headers.share(), body: null, code: '', tunnel: null });

async function measure(name: string, handler: Handler | undefined, exchange: Exchange): Promise<void> {
  if (handler === undefined) throw new Error('there is no stage');
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < TIMES; i++) (await handler(exchange)).headers.endToEndLines();
    best = Math.min(best, ((performance.now() - start) * 1000) / TIMES);
  }
  process.stdout.write(`${best.toFixed(2).padStart(10)} µs  ${name}\n`);
}

function request(method: string, ...more: readonly (readonly [string, string])[]): Exchange {
  const fields = Array.from({ length: 8 }, (_, i) => [`X-Field-${i}`, 'value'] as const);
  return exchangeFrom({ method, headers: headersOf(['Host', 'api.example.com'], ...fields, ...more) });
}

const stage = cors(config, { methods: ['GET', 'PUT'] }, { decisions });
const handler = stage?.(next);
await measure('no stage', next, request('GET'));
await measure('no origin', handler, request('GET'));
await measure('an origin', handler, request('GET', ['Origin', 'https://app.example.com']));
await measure('a subdomain', handler, request('GET', ['Origin', 'https://a.wild.example']));
await measure('a strange origin', handler, request('GET', ['Origin', 'https://evil.example']));
await measure(
  'a preflight',
  handler,
  request(
    'OPTIONS',
    ['Origin', 'https://app.example.com'],
    ['Access-Control-Request-Method', 'PUT'],
    ['Access-Control-Request-Headers', 'authorization,content-type'],
  ),
);
