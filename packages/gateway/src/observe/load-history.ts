import type { Clock } from '../core/ports.ts';
import { histogramLayout } from './histogram-layout.ts';
import { LoadTally, quantileMs, type Tally } from './load-tally.ts';
import type { Family } from './series-book.ts';

/** How much went through, and how it went. */
export interface Load {
  readonly requests: number;
  /** Responses with a status of 500 and above. */
  readonly errors: number;
  /** Milliseconds, to within the bucket of the histogram. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** That of all together. */
export interface ProcessLoad extends Load {
  /** Responses with a status from 400 to 499. */
  readonly refused: number;
  readonly inFlight: number;
  /** Cores in use. */
  readonly cpu: number;
}

/** That of a route or service. */
export interface NamedLoad extends Load {
  readonly name: string;
}

/** What went through in ten seconds. */
export interface LoadSample extends ProcessLoad {
  /** When they ended, in milliseconds since 1970. */
  readonly at: number;
  /** Those with the most requests, at most 50 each. */
  readonly routes: readonly NamedLoad[];
  readonly services: readonly NamedLoad[];
}

/** What a history looks at. */
export interface LoadPorts {
  readonly clock: Clock;
  /** All metrics at this moment. */
  readonly families: () => readonly Family[];
  /** Microseconds of CPU that the process has used. */
  readonly cpuMicros: () => number;
}

const TICK_MS = 1000;
const SECONDS_PER_SAMPLE = 10;
const MOST_SAMPLES = 360;
const MOST_NAMES = 50;

/** What the counters said at a moment. */
interface Reading {
  readonly atMs: number;
  readonly cpuMicros: number;
  readonly all: Tally;
}

/** The last hour of the gateway in ten-second steps, kept in memory, for people who look and for roll-outs that compare. */
export class LoadHistory {
  readonly #ports: LoadPorts;
  readonly #routes = new LoadTally('turnpike_request_duration_seconds', 'route');
  readonly #services = new LoadTally('turnpike_upstream_duration_seconds', 'service');
  readonly #samples: LoadSample[] = [];
  /** Of the last ten seconds and the moment before, oldest first. */
  readonly #readings: Reading[] = [];
  #inFlight = 0;
  #ticks = 0;

  constructor(ports: LoadPorts) {
    this.#ports = ports;
  }

  /** Oldest first. */
  get samples(): readonly LoadSample[] {
    return this.#samples;
  }

  /** Over the last ten seconds, or as long as there are readings. */
  get recent(): ProcessLoad {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)];
    if (first === undefined || last === undefined) return IDLE;
    const elapsedMs = Math.max(1, last.atMs - first.atMs);
    return {
      ...loadOf(minus(last.all, first.all)),
      refused: last.all.refused - first.all.refused,
      inFlight: this.#inFlight,
      cpu: (last.cpuMicros - first.cpuMicros) / 1000 / elapsedMs,
    };
  }

  /** Begins to look every second; gives what ends it. */
  start(): () => void {
    const timer = setInterval(() => this.tick(), TICK_MS).unref();
    return () => clearInterval(timer);
  }

  tick(): void {
    const { clock, families, cpuMicros } = this.#ports;
    const now = families();
    this.#routes.read(now);
    this.#inFlight = sumOf(now, 'turnpike_requests_in_flight');
    this.#readings.push({ atMs: clock.now(), cpuMicros: cpuMicros(), all: this.#routes.total });
    if (this.#readings.length > SECONDS_PER_SAMPLE + 1) this.#readings.shift();
    if (++this.#ticks % SECONDS_PER_SAMPLE === 0) this.#sample(now);
  }

  #sample(families: readonly Family[]): void {
    this.#services.read(families);
    this.#samples.push({
      at: this.#ports.clock.epoch(),
      ...this.recent,
      routes: named(this.#routes.sinceLast()),
      services: named(this.#services.sinceLast()),
    });
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
  }
}

const IDLE: ProcessLoad = { requests: 0, errors: 0, refused: 0, p50Ms: 0, p99Ms: 0, inFlight: 0, cpu: 0 };

function named(tallies: ReadonlyMap<string, Tally>): NamedLoad[] {
  const busy = [...tallies].filter(([, { requests }]) => requests > 0);
  busy.sort(([, one], [, other]) => other.requests - one.requests);
  return busy.slice(0, MOST_NAMES).map(([name, tally]) => ({ name, ...loadOf(tally) }));
}

function loadOf({ requests, errors, buckets }: Tally): Load {
  return {
    requests,
    errors,
    p50Ms: quantileMs(buckets, 0.5, BOUNDS),
    p99Ms: quantileMs(buckets, 0.99, BOUNDS),
  };
}

function minus(one: Tally, other: Tally): Tally {
  return {
    requests: one.requests - other.requests,
    errors: one.errors - other.errors,
    refused: one.refused - other.refused,
    buckets: one.buckets.map((count, i) => count - (other.buckets[i] ?? 0)),
  };
}

function sumOf(families: readonly Family[], name: string): number {
  const family = families.find(({ metric }) => metric.name === name);
  const value = new Float64Array(1);
  let sum = 0;
  for (const series of family?.series ?? []) {
    series.read(value);
    sum += value[0] ?? 0;
  }
  return sum;
}

const BOUNDS = histogramLayout('turnpike_request_duration_seconds').bounds;
