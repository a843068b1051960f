// What a decision costs with counters in Redis. Run: node packages/gateway/src/stores/redis/redis-counters.bench.ts
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { redisServer } from '@turnpike/testkit/redis-server';
import type { Charge, Taken } from '../../core/counters.ts';
import { systemClock } from '../../core/ports.ts';
import { random } from '../../core/random.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { RedisCounters } from './redis-counters.ts';
import { RedisLeases } from './redis-leases.ts';

const SECONDS = 4;
/** Requests that a thread under load reads in one turn of its event loop. */
const A_TURN = 16;

const redis = await redisServer();
const timers = new TimingWheel(() => systemClock.now());
timers.start();
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const ports = { clock: systemClock, log, leases: RedisLeases.allocate(65_536), timers };
const config = {
  mode: 'single',
  urls: [redis.url],
  master: null,
  authorities: null,
  keyPrefix: 'bench:',
  timeoutMs: 1000,
} as const;
const counters = new RedisCounters(config, ports);
const dice = random(1);
await delay(1000);

/** Charges of one unit, as requests bring them: of so many keys, by Zipf's law. */
function chargesOf(limiterId: string, limit: number, keys = 1): readonly (readonly Charge[])[] {
  const limiter = counters.limiter(limiterId, 'gcra');
  const quota = { limit, windowMs: 1000, burst: Math.ceil(limit / 10) };
  const weights = Array.from({ length: keys }, (_, i) => 1 / (i + 1));
  const sum = weights.reduce((a, b) => a + b);
  return weights.flatMap((weight, i) => {
    const charge = { limiter, key: `key ${i}`, quota, cost: 1 };
    return Array.from({ length: Math.ceil((weight / sum) * 10 * keys) }, () => [charge]);
  });
}

const tally = { asked: 0, waited: 0, denied: 0, underWay: 0 };

function note(taken: readonly Taken[] | undefined): void {
  if (taken?.[0]?.isAllowed !== true) tally.denied++;
}

function decide(charges: readonly Charge[]): void {
  const taken = counters.takeNow(charges);
  if (taken !== null) return note(taken);
  tally.waited++;
  tally.underWay++;
  const over = (answer?: readonly Taken[]) => {
    tally.underWay--;
    note(answer);
  };
  counters.take(charges).then(over, () => over());
}

/** Asks as often as there is time for, or at an even pace; gives the CPU of this process, in µs a request. */
async function cpuFor(perSecond: number, ask: () => void): Promise<number> {
  const before = process.cpuUsage();
  const startMs = performance.now();
  tally.asked = tally.waited = tally.denied = 0;
  for (let passedMs = 0; passedMs < SECONDS * 1000; passedMs = performance.now() - startMs) {
    const due = Math.min(tally.asked + A_TURN, (passedMs / 1000) * perSecond);
    for (; tally.asked < due; tally.asked++) ask();
    if (perSecond === Infinity) await turn();
    else await delay(1);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / tally.asked;
}

async function calls(): Promise<number> {
  const [, count = '0'] = /cmdstat_evalsha:calls=(\d+)/.exec(await redis.cli('INFO', 'commandstats')) ?? [];
  return Number(count);
}

async function measure(name: string, perSecond: number, all: readonly (readonly Charge[])[]): Promise<void> {
  const next = () => all[dice.below(all.length)] ?? [];
  let sum = 0;
  const idle = await cpuFor(perSecond, () => (sum += next().length));
  const callsBefore = await calls();
  const busy = await cpuFor(perSecond, () => decide(next()));
  const { asked, waited, denied } = tally;
  const each = [
    `${(asked / SECONDS).toFixed(0)} requests/s`,
    ...(perSecond === Infinity ? [`${(busy - idle).toFixed(2)} µs a decision`] : []),
    `${(((await calls()) - callsBefore) / asked).toFixed(4)} calls a request`,
    `${((100 * waited) / asked).toFixed(2)} % waited`,
    `${((100 * denied) / asked).toFixed(1)} % denied`,
  ];
  process.stdout.write(`${name}: ${each.join(', ')}\n`);
  if (sum < 0) throw new Error('never');
}

await measure('busy, one key', Infinity, chargesOf('a', 1e7));
await measure('busy, 1 000 keys by Zipf', Infinity, chargesOf('b', 1e7, 1000));
await measure('busy, limit of 1 000/s', Infinity, chargesOf('c', 1000));
await measure('one key at 0.9 of 1 000/s', 900, chargesOf('d', 1000));
await measure('one key at 1.2 of 1 000/s', 1200, chargesOf('e', 1000));
await measure('one key at 3 times 1 000/s', 3000, chargesOf('f', 1000));
await measure('one key at 20 times 1 000/s', 20_000, chargesOf('g', 1000));
await measure('1 000 keys by Zipf, 10 000/s', 10_000, chargesOf('h', 1e6, 1000));
await counters.close();
await redis.close();
process.exit();
