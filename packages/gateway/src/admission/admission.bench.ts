/**
 * What admission costs a request when nothing is wrong: `node packages/gateway/src/admission/admission.bench.ts`.
 *
 * Best of five rounds. `stage` is the whole stage with its promises around a handler that answers at once; what such a
 * handler costs behind a stage that does nothing is measured alone and subtracted.
 */
import { performance } from 'node:perf_hooks';
import type { Exchange, Handler, Reply, Wrapper } from '../core/exchange.ts';
import { Headers } from '../core/headers.ts';
import { systemClock } from '../core/ports.ts';
import { random } from '../core/random.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { admission } from '../stages/admission/admission.ts';
import { selfProtection } from '../stages/self-protection/self-protection.ts';
import { concurrency } from '../stages/concurrency/concurrency.ts';
import { Baselines } from './baselines.ts';
import { Gates } from './gates.ts';
import { KeyCounts } from './key-counts.ts';
import { memoryUse } from './memory-use.ts';
import { ServiceLimits } from './service-limits.ts';
import { StrainBoard } from './strain-board.ts';
import { ThreadStrain } from './thread-strain.ts';
import { threadCpuMs } from './thread-time.ts';

const CALLS = 1_000_000;
const ROUNDS = 5;
const REPLY: Reply = { status: 200, headers: new Headers(), body: '', code: '', tunnel: null };
const NORMAL = { level: 'normal', header: null, plans: {} } as const;
const decisions = () => ({ allowed() {}, denied() {}, reported() {}, failed() {} });
const answer: Handler = () => Promise.resolve(REPLY);

const wheel = new TimingWheel(() => systemClock.now());
const counts = new KeyCounts(KeyCounts.allocate(2 ** 16, 2), 0);
const gates = new Gates({
  limits: new ServiceLimits(ServiceLimits.allocate(16, 2), 0),
  baselines: new Baselines(Baselines.allocate(64)),
  counts,
  wheel,
  clock: systemClock,
  ownDelayMs: () => 0,
});
gates.apply([
  { id: 'adaptive', concurrency: { kind: 'adaptive' }, limitSlot: 0, highestPriority: 'normal' },
  { id: 'fixed', concurrency: { kind: 'fixed', limit: 100 }, limitSlot: 1, highestPriority: 'normal' },
]);
const protection = new ThreadStrain({
  clock: systemClock,
  random: random(1),
  memoryUse,
  cpuMs: threadCpuMs,
  shown: new StrainBoard(StrainBoard.allocate(1)).line(0),
});
const countShed = () => {};

function stageOf(service: string): Wrapper | null {
  const gate = gates.of(service, { id: 'route', timeoutMs: 30_000 });
  return admission(
    { service, priority: NORMAL },
    { gate, protection, countShed, decisions, random: random(1) },
  );
}

const STAGES: Readonly<Record<string, Wrapper | null>> = {
  'self-protection': selfProtection(NORMAL, { protection, countShed, decisions, random: random(1) }),
  'adaptive limit': stageOf('adaptive'),
  'fixed limit': stageOf('fixed'),
  'concurrency by ip': concurrency(
    { mode: 'on', limit: 100, by: [{ kind: 'ip' }], whenKeyMissing: 'shared' },
    { route: 'route', names: [] },
    {
      counts,
      decisions,
      expressions: { condition: () => () => null, amount: () => () => null, text: () => () => null },
    },
  ),
};

/** Nanoseconds a call; each exchange is served and over before the next. */
async function cost(handler: Handler): Promise<number> {
  const exchanges = Array.from({ length: 1000 }, () => exchangeFrom());
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let call = 0; call < CALLS; call += exchanges.length) {
      wheel.touch();
      for (const exchange of exchanges) await handler(exchange);
    }
    best = Math.min(best, ((performance.now() - start) * 1e6) / CALLS);
  }
  return best;
}

/** An exchange ends once; this one begins again. */
function ending(handler: Handler): Handler {
  return async (exchange: Exchange) => {
    const own = exchangeFrom();
    Object.assign(own, { client: exchange.client });
    const reply = await handler(own);
    own.end();
    return reply;
  };
}

const passOn: Wrapper = (next) => (exchange) => next(exchange);
const bare = await cost(passOn(answer));
const bareEnding = await cost(ending(passOn(answer)));
for (const [name, stage] of Object.entries(STAGES)) {
  const isEnding = name.startsWith('concurrency');
  const handler = stage?.(answer) ?? answer;
  const ns = isEnding ? (await cost(ending(handler))) - bareEnding : (await cost(handler)) - bare;
  process.stdout.write(`${name.padEnd(20)} ${ns.toFixed(0).padStart(5)} ns\n`);
}
