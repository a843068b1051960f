// A gateway as a process of its own, for the tests of several on one Redis: only asks its counters, and says what came of it.
import { once } from 'node:events';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { RedisConfig } from '@turnpike/config';
import type { Quota } from '../../src/core/counters.ts';
import { systemClock } from '../../src/core/ports.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { RedisCounters } from '../../src/stores/redis/redis-counters.ts';
import { RedisLeases } from '../../src/stores/redis/redis-leases.ts';

/** What the process is to do. */
export interface Orders {
  readonly config: RedisConfig;
  readonly quota: Quota;
  /** As fast as it goes until it is told to stop, or so many requests at an even pace. */
  readonly pace: 'greedy' | { readonly perSecond: number; readonly requests: number };
}

/** What came of it so far. */
export interface Tally {
  readonly asked: number;
  readonly admitted: number;
  readonly denied: number;
  readonly unavailable: number;
  /** Requests that had to wait for Redis. */
  readonly waited: number;
  readonly isDone: boolean;
}

const REPORT_MS = 20;
/** How often a process asks that goes at an even pace. */
const STEP_MS = 10;
/** Between two attempts of somebody who was refused. */
const REFUSED_MS = 2;

const tally = { asked: 0, admitted: 0, denied: 0, unavailable: 0, waited: 0, isDone: false };
const stop = new AbortController();

async function run({ config, quota, pace }: Orders): Promise<void> {
  const timers = new TimingWheel(() => systemClock.now());
  timers.start();
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const leases = RedisLeases.allocate(1024);
  const counters = new RedisCounters(config, { clock: systemClock, log, timers, leases });
  const charges = [{ limiter: counters.limiter('route/limit', 'gcra'), key: 'alice', quota, cost: 1 }];

  /** True if it was allowed. */
  async function ask(): Promise<boolean> {
    tally.asked++;
    let taken = counters.takeNow(charges);
    if (taken === null) {
      tally.waited++;
      taken = await counters.take(charges);
    }
    const isAllowed = taken.every((one) => one.isAllowed);
    if (isAllowed) tally.admitted++;
    else tally.denied++;
    return isAllowed;
  }

  const askOrNot = async () => {
    try {
      return await ask();
    } catch {
      tally.unavailable++;
      return false;
    }
  };

  if (pace === 'greedy') {
    while (!stop.signal.aborted)
      if (await askOrNot()) await turn();
      else await delay(REFUSED_MS);
  } else {
    const startMs = performance.now();
    const asking: Promise<boolean>[] = [];
    while (asking.length < pace.requests) {
      const due = Math.min(pace.requests, ((performance.now() - startMs) / 1000) * pace.perSecond);
      while (asking.length < due) asking.push(askOrNot());
      await delay(STEP_MS);
    }
    await Promise.all(asking);
  }
  await counters.close();
}

const [orders] = (await once(process, 'message')) as [Orders];
process.once('message', () => stop.abort());
const reports = setInterval(() => process.send?.(tally), REPORT_MS);
await run(orders);
clearInterval(reports);
tally.isDone = true;
process.send?.(tally, () => process.disconnect?.());
