// What the stage costs a request with a body. Run: node packages/gateway/src/stages/limit-content/limit-content.bench.ts
import { gzipSync } from 'node:zlib';
import type { Handler, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { limitContent } from './limit-content.ts';

const ROUNDS = 7;
const ignore = (): void => {};
const decisions = () => ({ allowed: ignore, denied: ignore, reported: ignore, failed: ignore });
const reply: Reply = { status: 200, headers: headersOf(), body: null, code: '', tunnel: null };
const next: Handler = () => Promise.resolve(reply);
const handler = limitContent(
  { bodyBytes: null, decompressedBytes: 1024 * 1024, jsonDepth: 20, limitsMode: 'on' },
  { decisions },
)?.(next);

async function measure(name: string, times: number, bytes: Buffer, coding = 'identity'): Promise<void> {
  if (handler === undefined) throw new Error('there is no stage');
  const exchange = exchangeFrom({
    method: 'POST',
    headers: headersOf(
      ['Host', 'api.example.com'],
      ['Content-Type', 'application/json'],
      ['Content-Encoding', coding],
    ),
    body: bytes.toString('latin1'),
  });
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < times; i++) {
      if ((await handler(exchange)) !== reply) throw new Error(`${name} was refused`);
    }
    best = Math.min(best, ((performance.now() - start) * 1000) / times);
  }
  process.stdout.write(`${best.toFixed(2).padStart(10)} µs  ${name}\n`);
}

const order = { id: 7, customer: 'Ada', lines: [{ sku: 'a-1', count: 2, tags: ['new'] }] };
const small = Buffer.from(JSON.stringify(Array.from({ length: 13 }, () => order)));
const large = Buffer.from(JSON.stringify(Array.from({ length: 200 }, () => order)));
await measure(`JSON of ${small.length} bytes`, 50_000, small);
await measure(`JSON of ${large.length} bytes`, 10_000, large);
await measure(`the same in gzip, ${gzipSync(large).length} bytes`, 1000, gzipSync(large), 'gzip');
