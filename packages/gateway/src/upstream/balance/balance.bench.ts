/**
 * What a pick costs, and a table of hashes: `node packages/gateway/src/upstream/balance/balance.bench.ts`.
 *
 * Best of nine rounds, in CPU time. A pick is measured with the `begin` and `end` of its request, 16 of which are under way.
 */
import type { Balancer as BalancerConfig } from '@turnpike/config';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { balancerOf, endpointAt, planOf, visit } from './balance-testing.ts';
import type { Balancer } from './balancer.ts';
import { NOTHING_TRIED } from './candidates.ts';
import { EndpointStates } from './endpoint-states.ts';
import { maglevTable } from './maglev-table.ts';

const ROUNDS = 9;
const UNDER_WAY = 16;
const START_MS = 1_700_000_000_000;
const COUNTS = [3, 8, 20, 100, 10_000];

const STICKY: BalancerConfig = { kind: 'sticky', cookie: 'lb', secret: 'secret', lifetimeMs: 0 };

const CONFIGS: readonly (readonly [name: string, config: BalancerConfig])[] = [
  ['adaptive', { kind: 'adaptive' }],
  ['least-request', { kind: 'least-request' }],
  ['round-robin', { kind: 'round-robin' }],
  ['random', { kind: 'random' }],
  ['hash by header', { kind: 'hash', by: [{ kind: 'header', name: 'x-user' }], boundedLoad: 1.25 }],
  ['sticky, and the cookie', STICKY],
];

interface Bench {
  readonly chooser: Balancer;
  readonly states: EndpointStates;
  readonly exchange: Exchange;
}

function benchOf(config: BalancerConfig, count: number): Bench {
  const states = new EndpointStates(EndpointStates.allocate(count, 1), 0);
  const endpoints = Array.from({ length: count }, (_, slot) => endpointAt(slot));
  for (let slot = 0; slot < count; slot++)
    states.sample(slot, visit(5 + (slot % 7), START_MS), START_MS, 10_000);
  const chooser = balancerOf(planOf(config, { slowStartMs: 30_000 }), endpoints, { states });
  const cookie = chooser.cookieFor(1, exchangeFrom())?.split(';', 1)[0] ?? 'a=1';
  return {
    chooser,
    states,
    exchange: exchangeFrom({ headers: headersOf(['X-User', 'user-17'], ['Cookie', cookie]) }),
  };
}

/** Nanoseconds of CPU a request. */
function round({ chooser, states, exchange }: Bench, picks: number): number {
  const underWay = new Int32Array(UNDER_WAY).fill(-1);
  const before = process.cpuUsage();
  for (let i = 0; i < picks; i++) {
    const place = i % UNDER_WAY;
    const earlier = underWay[place] ?? -1;
    if (earlier !== -1) states.end(earlier);
    const index = chooser.pick(NOTHING_TRIED, START_MS + i * 0.01, exchange);
    states.begin(index);
    underWay[place] = index;
    chooser.cookieFor(index, exchange);
  }
  const { user, system } = process.cpuUsage(before);
  for (const index of underWay) states.end(index);
  return ((user + system) * 1000) / picks;
}

function best(run: () => number): number {
  return Math.min(...Array.from({ length: ROUNDS }, run));
}

console.log(`ns a pick among ${COUNTS.join(', ')}`);
for (const [name, config] of CONFIGS) {
  const costs = COUNTS.map((count) => {
    const bench = benchOf(config, count);
    const picks = count > 1000 ? 20_000 : 300_000;
    return best(() => round(bench, picks)).toFixed(0);
  });
  console.log(name.padEnd(24), costs.join(', '));
}

for (const count of COUNTS) {
  const members = Array.from({ length: count }, (_, slot) => ({ name: endpointAt(slot).url, weight: 1 }));
  const ms = best(() => {
    const beganAtMs = performance.now();
    maglevTable(members, null);
    return performance.now() - beganAtMs;
  });
  console.log(`table of hashes for ${count}`.padEnd(32), `${ms.toFixed(1)} ms`);
}
