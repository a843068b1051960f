// What the stage costs a request that it lets through, with its fields in the head of the reply. Run: node packages/gateway/src/stages/rate-limit/rate-limit.bench.ts
import type { RateLimitConfig } from '@turnpike/config';
import type { Handler } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { callerOf } from '../../core/identity-testing.ts';
import { systemClock } from '../../core/ports.ts';
import { random } from '../../core/random.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { LocalCounters } from '../../stores/local/local-counters.ts';
import { responseHead } from '../../wire/http1/response-text.ts';
import { limitOf } from './rate-limit-testing.ts';
import { rateLimit } from './rate-limit.ts';

const ROUNDS = 4000;
/** So few that they stay in the cache, as an exchange under way does. */
const TIMES = 100;
const ADDRESSES = 256;
const ignore = (): void => {};
const decisions = () => ({ allowed: ignore, denied: ignore, reported: ignore, failed: ignore });
const none = () => () => null;
/** As on a data thread, where requests set the time before they reach a stage. */
const wheel = new TimingWheel(() => systemClock.now());
const clock = { now: () => wheel.nowMs, epoch: () => systemClock.epoch() };
const local = new LocalCounters(LocalCounters.allocate(100_000), clock);
const ports = {
  counters: { local, redis: null },
  decisions,
  random: random(1),
  expressions: { condition: none, amount: none, text: none },
};

const headers = headersOf(
  ['Date', 'Tue, 14 Nov 2023 22:13:20 GMT'],
  ['Content-Type', 'application/json'],
  ['Content-Length', '2'],
  ['Cache-Control', 'no-store'],
  ['ETag', '"1"'],
  ['Vary', 'Accept'],
);
const reply = { status: 200, headers, body: '{}', code: '', tunnel: null } as const;
const framing = { persist: true, chunked: false, clock: systemClock };
/** Writing a text puts it into one piece, as a socket does. */
const sent = Buffer.alloc(4096);
const next: Handler = () => Promise.resolve(reply);

/** Texts in one piece, as parsers give them. */
const clients = Array.from({ length: ADDRESSES }, (_, i) => ({
  address: Buffer.from(`203.0.113.${i}`).toString('latin1'),
  family: 'ipv4' as const,
  port: 1,
}));
const callers = clients.map((_, i) =>
  callerOf({ key: Buffer.from(`corporate:user-${i}`).toString('latin1') }),
);

function exchanges() {
  return Array.from({ length: TIMES }, (_, i) => {
    const exchange = exchangeFrom({
      client: clients[i % ADDRESSES] ?? { address: '', family: 'ipv4', port: 1 },
    });
    exchange.identity = callers[i % ADDRESSES] ?? null;
    return exchange;
  });
}

async function measure(name: string, configs: readonly RateLimitConfig[] | null): Promise<void> {
  const plan = { route: 'r', names: [], stage: 'early' } as const;
  const handler = configs === null ? next : rateLimit(configs, plan, ports)?.(next);
  if (handler === undefined) throw new Error('there is no stage');
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const all = exchanges();
    const start = performance.now();
    for (const exchange of all) {
      const reply = await handler(exchange);
      if (reply.status !== 200) throw new Error(`${name} was refused`);
      sent.write(responseHead(exchange, reply, framing), 'latin1');
    }
    best = Math.min(best, ((performance.now() - start) * 1e6) / TIMES);
  }
  process.stdout.write(`${best.toFixed(0).padStart(6)} ns  ${name}\n`);
}

const much = { limit: 1e9, windowMs: 1000, burst: 1e9 };
await measure('no stage', null);
await measure('one limit by address', [limitOf(much)]);
await measure('one limit by identity', [limitOf({ ...much, name: 'b', by: [{ kind: 'identity' }] })]);
await measure('one limit by address that reports', [limitOf({ ...much, name: 'c', mode: 'report' })]);
await measure('two limits', [
  limitOf({ ...much, name: 'd' }),
  limitOf({ ...much, name: 'e', by: [{ kind: 'identity' }] }),
]);
