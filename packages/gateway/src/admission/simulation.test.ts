// A gateway with two threads before a service with 40 workers, which can do 5249 requests a second, in simulated time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Priority } from '@turnpike/config';
import { PRIORITIES } from '../core/priority.ts';
import { simulate, type Kind, type Outcome, type Scenario, type Second } from './simulation-testing.ts';

const WORKERS = 40;
const CAPACITY = 5249;

/** Routes that take 4, 10 and 22.2 ms, together 7.62 ms. */
const KINDS: readonly Kind[] = [kind(0.6, 4), kind(0.3, 10), kind(0.1, 22.2)];

/** 200 callers who are worth the same. */
const NORMAL: Scenario = {
  seconds: 20,
  concurrency: { kind: 'adaptive' },
  offered: () => 0.7 * CAPACITY,
  kinds: KINDS,
  workers: () => WORKERS,
  caller: (drawn) => ({ key: `caller ${Math.floor(200 * drawn)}`, priority: 'normal' }),
  retries: 0,
  seed: 1,
};

/** Load of 0.7 times of what the service can do, and between these seconds of so many times. */
function peakOf(times: number, from: number, to = Infinity): Scenario['offered'] {
  return (s) => (s >= from && s < to ? times : 0.7) * CAPACITY;
}

function kind(share: number, meanMs: number): Kind {
  return { share: () => share, meanMs: () => meanMs };
}

function slowerFromSecond8({ share, meanMs }: Kind): Kind {
  return { share, meanMs: (s) => (s < 8 ? 1 : 2.5) * meanMs(s) };
}

function halvedFromSecond8(second: number): number {
  return second < 8 ? WORKERS : WORKERS / 2;
}

/** A thousand callers, a fifth of them of each priority. */
function ofAllPriorities(drawn: number): { key: string; priority: Priority } {
  const priority = PRIORITIES[Math.floor(drawn * PRIORITIES.length)] ?? 'bulk';
  return { key: `caller ${Math.floor(1000 * drawn)}`, priority };
}

/** One caller sends four of five requests, and two hundred the others. */
function oneGreedy(drawn: number): { key: string; priority: Priority } {
  return { key: drawn < 0.8 ? 'greedy' : `caller ${Math.floor(1000 * drawn)}`, priority: 'normal' };
}

function total(seconds: readonly Outcome[], what: 'offered' | 'good' | 'shed'): number {
  return seconds.reduce((sum, second) => sum + second[what], 0);
}

/** The part of the requests that was sent away. */
function shedShare(seconds: readonly Outcome[]): number {
  return total(seconds, 'shed') / total(seconds, 'offered');
}

/** Good answers, compared with the most that the service can give. */
function goodput(seconds: readonly Second[], capacity = CAPACITY): number {
  return total(seconds, 'good') / seconds.length / capacity;
}

function p99(seconds: readonly Second[]): number {
  const sorted = seconds.flatMap(({ latencies }) => latencies).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Infinity;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

describe('the adaptive limit, simulated', () => {
  for (const seed of [1, 2]) {
    it(`keeps the service at work at twice of what it can do, and forgets it within a second (seed ${seed})`, (t) => {
      const offered = peakOf(2, 5, 13);
      const seconds = simulate({ ...NORMAL, offered, seed });
      const overload = seconds.slice(5, 13);
      const [before, during] = [p99(seconds.slice(1, 5)), p99(overload)];
      t.diagnostic(
        `${percent(goodput(overload))} goodput, p99 ${during.toFixed(0)} ms after ${before.toFixed(0)} ms`,
      );
      assert.ok(goodput(overload) >= 0.93);
      assert.ok(during <= 2 * before);
      assert.ok(shedShare(seconds.slice(13, 14)) < 0.02);
      assert.equal(total(seconds.slice(14), 'shed'), 0);
    });

    it(`is there from the first second on, if the gateway starts into that (seed ${seed})`, (t) => {
      const seconds = simulate({ ...NORMAL, seconds: 10, offered: () => 2 * CAPACITY, seed });
      t.diagnostic(`${percent(goodput(seconds))} goodput, p99 ${p99(seconds.slice(1)).toFixed(0)} ms`);
      assert.ok(goodput(seconds) >= 0.93);
      assert.ok(p99(seconds.slice(1)) <= 120);
    });

    it(`sends nobody away when the gateway starts under ordinary load (seed ${seed})`, () => {
      assert.equal(total(simulate({ ...NORMAL, seconds: 5, seed }), 'shed'), 0);
    });

    it(`does not take another mix of requests for slowness (seed ${seed})`, (t) => {
      const kinds = [
        { share: (s: number) => (s < 8 ? 0.9 : 0.2), meanMs: () => 4 },
        { share: (s: number) => (s < 8 ? 0.1 : 0.8), meanMs: () => 12 },
      ];
      const seconds = simulate({ ...NORMAL, kinds, offered: () => CAPACITY / 2, seed });
      t.diagnostic(`${percent(shedShare(seconds))} sent away`);
      assert.ok(shedShare(seconds) <= 0.01);
    });

    it(`lets a service that has workers to spare be 2.5 times slower (seed ${seed})`, (t) => {
      const seconds = simulate({
        ...NORMAL,
        seconds: 60,
        kinds: KINDS.map(slowerFromSecond8),
        workers: () => 1000,
        seed,
      });
      t.diagnostic(`${percent(shedShare(seconds))} sent away`);
      assert.ok(shedShare(seconds) <= 0.01);
      assert.ok(shedShare(seconds.slice(12)) <= 0.0001);
    });

    it(`sends nobody away when a service becomes slower that has little to do (seed ${seed})`, () => {
      const slower = { ...NORMAL, kinds: KINDS.map(slowerFromSecond8), workers: () => 1000, seed };
      assert.equal(total(simulate({ ...slower, offered: () => 0.1 * CAPACITY }), 'shed'), 0);
    });

    it(`follows when half of the workers vanish (seed ${seed})`, (t) => {
      const seconds = simulate({
        ...NORMAL,
        offered: () => 0.9 * CAPACITY,
        workers: halvedFromSecond8,
        seed,
      });
      const halved = seconds.slice(8);
      t.diagnostic(`${percent(goodput(halved, CAPACITY / 2))} goodput, p99 ${p99(halved).toFixed(0)} ms`);
      assert.ok(goodput(halved, CAPACITY / 2) >= 0.93);
      assert.ok(p99(halved) <= 2 * p99(seconds.slice(1, 8)));
    });
  }

  it('does not drift away in two minutes at 1.5 times of what the service can do', (t) => {
    const offered = peakOf(1.5, 5);
    const seconds = simulate({ ...NORMAL, seconds: 125, offered });
    const last = seconds.slice(85);
    const limits = last.map(({ limit }) => limit);
    t.diagnostic(
      `${percent(goodput(last))} goodput, p99 ${p99(last).toFixed(0)} ms, limit up to ${Math.max(...limits)}`,
    );
    assert.ok(goodput(last) >= 0.93);
    assert.ok(p99(last) <= 2 * p99(seconds.slice(1, 5)));
    assert.ok(Math.max(...limits) <= 2 * WORKERS);
  });

  it('is back after a spike, though those who are sent away come again three times', (t) => {
    const offered = peakOf(1.6, 5, 7);
    const seconds = simulate({ ...NORMAL, seconds: 12, offered, retries: 3 });
    t.diagnostic(`${percent(goodput(seconds.slice(5, 7)))} goodput in the spike`);
    assert.ok(goodput(seconds.slice(5, 7)) >= 0.93);
    assert.ok(shedShare(seconds.slice(7, 8)) < 0.01);
    assert.equal(total(seconds.slice(8), 'shed'), 0);
  });
});

describe('priorities, simulated', () => {
  it('are served in strict order at twice of what the service can do', (t) => {
    const offered = peakOf(2, 5);
    const overload = simulate({ ...NORMAL, offered, caller: ofAllPriorities }).slice(6);
    const served = PRIORITIES.map((priority) => {
      const outcomes = overload.flatMap(({ byPriority }) => byPriority.get(priority) ?? []);
      return total(outcomes, 'good') / total(outcomes, 'offered');
    });
    t.diagnostic(PRIORITIES.map((priority, i) => `${priority} ${percent(served[i] ?? 0)}`).join(', '));
    const [critical = 0, high = 0, normal = 0, low = 0, bulk = 1] = served;
    assert.ok(goodput(overload) >= 0.93);
    assert.ok(critical >= 0.999);
    assert.ok(high >= 0.93);
    assert.ok(normal < high && normal >= 0.3);
    assert.ok(low < 0.1 && bulk <= low);
  });
});

describe('callers of the same priority, simulated', () => {
  it('are served the same ones for an hour, and not everybody half of the time', (t) => {
    const offered = peakOf(2, 5);
    const overload = simulate({ ...NORMAL, offered }).slice(7);
    const keys = new Set(overload.flatMap(({ byCaller }) => [...byCaller.keys()]));
    const shares = Array.from(keys, (key) => {
      const outcomes = overload.flatMap(({ byCaller }) => byCaller.get(key) ?? []);
      return total(outcomes, 'good') / total(outcomes, 'offered');
    });
    const lucky = shares.filter((share) => share > 0.8).length / shares.length;
    const unlucky = shares.filter((share) => share < 0.2).length / shares.length;
    t.diagnostic(
      `${percent(lucky)} get more than four of five requests through, ${percent(unlucky)} less than one`,
    );
    assert.ok(lucky >= 0.25 && unlucky >= 0.25);
  });

  it('get their share beside one who wants it all', (t) => {
    const overload = simulate({ ...NORMAL, offered: () => 2 * CAPACITY, caller: oneGreedy }).slice(2);
    const others = overload.flatMap(({ byCaller }) => [...byCaller].filter(([key]) => key !== 'greedy'));
    const outcomes = others.map(([, outcome]) => outcome);
    const served = total(outcomes, 'good') / total(outcomes, 'offered');
    t.diagnostic(`${percent(served)} of the others' requests are served`);
    assert.ok(goodput(overload) >= 0.93);
    assert.ok(served >= 0.9);
  });
});

describe('a fixed limit, simulated', () => {
  it('is never exceeded, and keeps the service at work', (t) => {
    const concurrency = { kind: 'fixed', limit: 60 } as const;
    const seconds = simulate({ ...NORMAL, concurrency, offered: () => 2 * CAPACITY });
    t.diagnostic(`${percent(goodput(seconds))} goodput, p99 ${p99(seconds).toFixed(0)} ms`);
    assert.ok(Math.max(...seconds.map(({ inflight }) => inflight)) <= 60);
    assert.ok(goodput(seconds) >= 0.93);
  });
});
