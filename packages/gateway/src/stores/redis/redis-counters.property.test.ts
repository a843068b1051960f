import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { RedisConfig } from '@turnpike/config';
import * as fc from '@turnpike/testkit/fast-check';
import type { Charge, Quota } from '../../core/counters.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { RedisCounters } from './redis-counters.ts';
import { RedisLeases } from './redis-leases.ts';
import { ModelBuckets, ModelLink } from './redis-testing.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 150);
const START_MS = 1_700_000_000_000;
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Two gateways with two threads each. */
const THREADS = [0, 0, 1, 1];
const QUOTAS: readonly Quota[] = [
  { limit: 50, windowMs: 1000, burst: 10 },
  { limit: 20, windowMs: 86_400_000, burst: 20 },
];
const CHARGES: readonly Charge[] = QUOTAS.map((quota, i) => ({
  limiter: { id: `limit ${i}`, algorithm: 'gcra' },
  key: `key ${i}`,
  quota,
  cost: 1,
}));

/** Which buckets a request needs. */
const request = fc.constantFrom([0], [1], [0, 1], [1, 0], [0, 0]);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('ask'),
      by: fc.nat(3),
      request,
      times: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('pass'), ms: fc.constantFrom(0, 1, 10, 30, 60, 250) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('mood'),
      of: fc.nat(3),
      mood: fc.constantFrom('answers', 'hangs', 'fails'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('answer'), of: fc.nat(3) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Gateways that do what the steps say, and what they have let through. */
class Fleet {
  readonly admitted = QUOTAS.map(() => 0);
  /** Calls may have been lost. */
  hasFailed = false;
  readonly buckets = new ModelBuckets();
  readonly #links: readonly ModelLink[];
  readonly #counters: readonly RedisCounters[];
  readonly #timers: TimingWheel;
  readonly #asking: Promise<void>[] = [];
  nowMs = START_MS;

  constructor(mode: RedisConfig['mode']) {
    const clock = { now: () => this.nowMs, epoch: () => 0 };
    const config = { mode, urls: [], master: null, authorities: null, keyPrefix: '', timeoutMs: 50 };
    const memories = [RedisLeases.allocate(8), RedisLeases.allocate(8)];
    const timers = new TimingWheel(clock.now);
    this.#timers = timers;
    this.#links = THREADS.map(() => new ModelLink(clock.now, this.buckets));
    this.#counters = THREADS.map((gateway, i) => {
      const leases = memories[gateway] ?? assert.fail();
      return new RedisCounters(config, { clock, log: LOG, timers, leases }, this.#links[i]);
    });
  }

  async do(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.what === 'ask')
        for (let i = 0; i < step.times; i++) this.#asking.push(this.#ask(step.by, step.request));
      else if (step.what === 'pass') await this.pass(step.ms);
      else this.#bend(step.of, step.what === 'mood' ? step.mood : null);
    }
  }

  /** Everything comes to rest: the store answers, requests are through, and what was on loan is back. */
  async rest(): Promise<void> {
    for (const i of THREADS.keys()) this.#bend(i, 'answers');
    await this.pass(1000);
    await Promise.all(this.#asking);
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 20) {
      this.nowMs += Math.min(20, left);
      await turn();
      this.#timers.advance();
      await turn();
    }
  }

  async #ask(by: number, request: readonly number[]): Promise<void> {
    const counters = this.#counters[by] ?? assert.fail();
    const charges = request.map((i) => CHARGES[i] ?? assert.fail());
    try {
      const taken = counters.takeNow(charges) ?? (await counters.take(charges));
      if (taken.every(({ isAllowed }) => isAllowed))
        for (const i of request) this.admitted[i] = (this.admitted[i] ?? 0) + 1;
    } catch (error) {
      assert.equal((error as { code?: unknown }).code, 'COUNTERS_UNAVAILABLE');
      this.hasFailed = true;
    }
  }

  #bend(of: number, mood: ModelLink['mood'] | null): void {
    const link = this.#links[of] ?? assert.fail();
    if (mood !== null) link.mood = mood;
    if (mood === 'fails') this.hasFailed = true;
    if (mood !== 'hangs') link.answer();
  }
}

describe('gateways that count in one Redis', () => {
  for (const mode of ['single', 'cluster'] as const) {
    it(`never let more through than the limits, and lose nothing without failures (${mode})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
          const fleet = new Fleet(mode);
          await fleet.do(steps);
          await fleet.rest();
          for (const [i, { limit, windowMs, burst }] of QUOTAS.entries()) {
            const admitted = fleet.admitted[i] ?? 0;
            const allowed = burst + ((fleet.nowMs - START_MS) * limit) / windowMs;
            assert.ok(admitted <= allowed + 1e-3, `${admitted} of ${allowed}`);
          }
          const left = fleet.buckets.level(
            fleet.buckets.names().find((name) => name.endsWith('1')) ?? '',
            fleet.nowMs,
          );
          const used = fleet.admitted[1] ?? 0;
          if (!fleet.hasFailed && left !== Infinity) assert.equal(Math.floor(left + 0.001), 20 - used);
        }),
        { numRuns: CASES },
      );
    });
  }
});
