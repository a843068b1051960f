// What a decision costs. Run: node packages/gateway/src/stores/local/local-counters.bench.ts
import type { Charge } from '../../core/counters.ts';
import { systemClock } from '../../core/ports.ts';
import { LocalCounters } from './local-counters.ts';

const ROUNDS = 7;
const TIMES = 300_000;
const ENTRIES = 1_000_000;
const counters = new LocalCounters(LocalCounters.allocate(ENTRIES), systemClock);

function measure(name: string, charges: readonly (readonly Charge[])[], isAllowed: boolean): void {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < TIMES; i++) {
      const taken = counters.takeNow(charges[i % charges.length] ?? []);
      if ((taken.at(-1)?.isAllowed ?? false) !== isAllowed) throw new Error(`${name} went otherwise`);
    }
    best = Math.min(best, ((performance.now() - start) * 1e6) / TIMES);
  }
  process.stdout.write(`${best.toFixed(0).padStart(6)} ns  ${name}\n`);
}

/** A text in one piece, as parsers give it. */
const flat = (text: string): string => Buffer.from(text).toString('latin1');
const addresses = Array.from({ length: 1024 }, (_, i) => flat(`203.0.${i >> 8}.${i & 255}`));
const callers = addresses.map((_, i) => flat(`https://login.example.com:user-${i}`));
const gcra = counters.limiter('bench/gcra', 'gcra');
const sliding = counters.limiter('bench/sliding', 'sliding');
const much = { limit: 1e9, windowMs: 1000, burst: 1e9 };
const little = { limit: 1, windowMs: 3_600_000, burst: 1 };

for (const [name, keys] of [
  ['address', addresses],
  ['caller', callers],
] as const) {
  for (const limiter of [gcra, sliding]) {
    const charges = keys.map((key) => [{ limiter, key, quota: much, cost: 1 }]);
    measure(`${limiter.algorithm}, by ${name}, allowed`, charges, true);
  }
}
const full = counters.limiter('bench/full', 'gcra');
const exhausted = addresses.map((key) => [{ limiter: full, key, quota: little, cost: 1 }]);
for (const charges of exhausted) counters.takeNow(charges);
measure('gcra, by address, denied', exhausted, false);
measure(
  'gcra and sliding together',
  addresses.map((key) => [
    { limiter: gcra, key, quota: much, cost: 1 },
    { limiter: sliding, key, quota: much, cost: 1 },
  ]),
  true,
);
let next = 0;
const fresh = Array.from({ length: TIMES }, () => [
  { limiter: gcra, key: flat(`key-${next++}`), quota: much, cost: 1 },
]);
measure('gcra, keys that were forgotten meanwhile', fresh, true);
