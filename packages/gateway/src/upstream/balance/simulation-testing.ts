// Gateways of four threads before backends that are queues with four workers each, in simulated time.
import assert from 'node:assert/strict';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { random, type Random } from '../../core/random.ts';
import { balancerOf, planOf } from './balance-testing.ts';
import type { Balancer, RuleKind } from './balancer.ts';
import { NOTHING_TRIED, type BalancedEndpoint } from './candidates.ts';
import { EndpointStates, SUPERVISOR, type Visit } from './endpoint-states.ts';

const EXCHANGE = exchangeFrom();
const THREADS = 4;
const WORKERS = 4;
const MEAN_SERVICE_MS = 10;
/** What is sent before this is not measured: everything is cold. */
const MEASURED_FROM_S = 2;
export const START_MS = 1_700_000_000_000;

export interface Scenario {
  /** `oracle`: knows how fast each backend is right now, and how much it has to do. */
  readonly kind: RuleKind | 'oracle';
  readonly endpoints: readonly BalancedEndpoint[];
  /** Where the gateways are. Each has its share of the requests, and knows nothing of the others. */
  readonly gateways: readonly (string | null)[];
  readonly slowStartMs: number;
  /** Share of what all backends can do at full speed. */
  readonly load: number;
  readonly seconds: number;
  /** How the time of a request is drawn that takes 10 ms in the mean. */
  readonly time: (chance: Random, meanMs: number) => number;
  /** How many times slower than usual a backend works at that second. */
  readonly slowness: (backend: number, second: number) => number;
  /** Whether a backend answers with an error after half a millisecond. */
  readonly fails: (backend: number, second: number) => boolean;
  /** Called before anything is sent. */
  readonly prepare: (states: EndpointStates) => void;
}

/** What is the same in most. */
export const HEALTHY: Omit<Scenario, 'endpoints' | 'load'> = {
  kind: 'adaptive',
  gateways: [null],
  slowStartMs: 0,
  seconds: 60,
  time: exponential,
  slowness: () => 1,
  fails: () => false,
  prepare: () => {},
};

/** What came of it. */
export interface Outcome {
  /** How many requests each backend got in each second. */
  readonly served: readonly (readonly number[])[];
  /** Of the requests that were answered, in ascending order. */
  readonly latenciesMs: Float64Array;
  /** The part of the requests that failed. */
  readonly failedPart: number;
  /** The part of the requests that went to another zone than that of the gateway. */
  readonly crossedPart: number;
}

interface Sender {
  readonly states: EndpointStates;
  readonly chooser: Pick<Balancer, 'pick' | 'medianUs'>;
  readonly zone: string | null;
}

interface Call extends Visit {
  readonly backend: number;
  readonly sender: Sender;
  readonly endMs: number;
  readonly failed: boolean;
}

/** Lets a scenario happen. */
export function simulate(scenario: Scenario, seed: number): Outcome {
  const { endpoints, load, seconds } = scenario;
  const chance = random(seed);
  const senders = sendersOf(scenario, seed);
  const freeAtMs = endpoints.map(() => Array.from({ length: WORKERS }, () => 0));
  const served = Array.from({ length: seconds }, () => endpoints.map(() => 0));
  const gapMs = MEAN_SERVICE_MS / (load * WORKERS * endpoints.length);
  const underWay: Call[] = [];
  const latenciesMs: number[] = [];
  let sent = 0;
  let crossed = 0;
  let failed = 0;

  function finish(call: Call): void {
    const { sender, backend, startedAtMs, endMs } = call;
    const { states, chooser } = sender;
    states.end(backend);
    if (call.failed) {
      failed++;
      states.charge(backend, 'unavailable', call, endMs);
    } else {
      states.sample(backend, call, endMs, chooser.medianUs);
      if (startedAtMs > START_MS + 1000 * MEASURED_FROM_S) latenciesMs.push(endMs - startedAtMs);
    }
  }

  function send(sender: Sender, nowMs: number): Call {
    const backend = sender.chooser.pick(NOTHING_TRIED, nowMs, EXCHANGE);
    const crowd = sender.states.begin(backend);
    sent++;
    if (endpoints[backend]?.zone !== sender.zone) crossed++;
    const second = Math.floor((nowMs - START_MS) / 1000);
    const inThatSecond = served[second] ?? assert.fail();
    inThatSecond[backend] = (inThatSecond[backend] ?? 0) + 1;
    const call = { sender, backend, startedAtMs: nowMs, crowd };
    if (scenario.fails(backend, second)) return { ...call, endMs: nowMs + 0.5, failed: true };
    const workers = freeAtMs[backend] ?? assert.fail();
    const freeMs = Math.min(...workers);
    const serviceMs = scenario.time(chance, MEAN_SERVICE_MS) * scenario.slowness(backend, second);
    const endMs = Math.max(nowMs, freeMs) + serviceMs;
    workers[workers.indexOf(freeMs)] = endMs;
    return { ...call, endMs, failed: false };
  }

  for (let nowMs = START_MS + exponential(chance, gapMs); nowMs < START_MS + seconds * 1000;) {
    for (let call = underWay.at(-1); call !== undefined && call.endMs <= nowMs; call = underWay.at(-1)) {
      finish(call);
      underWay.pop();
    }
    insertByEnd(underWay, send(senders[chance.below(senders.length)] ?? assert.fail(), nowMs));
    nowMs += exponential(chance, gapMs);
  }
  underWay.forEach(finish);
  return {
    served,
    latenciesMs: Float64Array.from(latenciesMs).sort(),
    failedPart: failed / sent,
    crossedPart: crossed / sent,
  };
}

/** The threads of all gateways. Those of one gateway share what they know. */
function sendersOf(scenario: Scenario, seed: number): Sender[] {
  const { kind, endpoints, gateways, slowStartMs, prepare } = scenario;
  return gateways.flatMap((zone, gateway) => {
    const buffer = EndpointStates.allocate(endpoints.length, THREADS);
    prepare(new EndpointStates(buffer, SUPERVISOR));
    return Array.from({ length: THREADS }, (_, thread) => {
      const states = new EndpointStates(buffer, thread);
      const own = random((seed * gateways.length + gateway) * THREADS + thread);
      if (kind === 'oracle') return { states, chooser: oracle(scenario, states), zone };
      const chooser = balancerOf(planOf({ kind }, { slowStartMs }), endpoints, { states, random: own, zone });
      return { states, chooser, zone };
    });
  });
}

/** Where a request is expected to be done first, if all took the mean. No gateway can know that. */
function oracle({ endpoints, slowness }: Scenario, states: EndpointStates): Sender['chooser'] {
  return {
    medianUs: 0,
    pick(_tried, nowMs) {
      const second = Math.floor((nowMs - START_MS) / 1000);
      const doneIn = endpoints.map((_, backend) => {
        const turns = Math.max(1, (states.inflight(backend) + 1) / WORKERS);
        return turns * slowness(backend, second);
      });
      return doneIn.indexOf(Math.min(...doneIn));
    },
  };
}

/** Where most requests are quick and some take long. */
export function lognormal(sigma: number): Scenario['time'] {
  return (chance, mean) => {
    const normal = Math.sqrt(-2 * Math.log(1 - chance.unit())) * Math.cos(2 * Math.PI * chance.unit());
    return mean * Math.exp(sigma * normal - (sigma * sigma) / 2);
  };
}

function exponential(chance: Random, mean: number): number {
  return -mean * Math.log(1 - chance.unit());
}

/** Keeps the calls sorted, the one that ends first at the end. */
function insertByEnd(calls: Call[], call: Call): void {
  let from = 0;
  let to = calls.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((calls[middle]?.endMs ?? 0) > call.endMs) from = middle + 1;
    else to = middle;
  }
  calls.splice(from, 0, call);
}

/** The latency below which that part of the requests stay. */
export function quantile({ latenciesMs }: Outcome, part: number): number {
  return latenciesMs[Math.floor(part * (latenciesMs.length - 1))] ?? 0;
}

/** The part of all requests from second `from` to second `to` that the backend got, times the number of backends. */
export function fairShare(
  { served }: Outcome,
  backend: number,
  [from, to]: readonly [number, number],
): number {
  let own = 0;
  let all = 0;
  for (const counts of served.slice(from, to)) {
    own += counts[backend] ?? 0;
    all += counts.reduce((a, b) => a + b);
  }
  return (own * (served[0]?.length ?? 0)) / all;
}
