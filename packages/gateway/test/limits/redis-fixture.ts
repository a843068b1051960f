import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import type { RedisServer } from '@turnpike/testkit/redis-server';
import type { Charge, Counters, Quota } from '../../src/core/counters.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { RedisCounters } from '../../src/stores/redis/redis-counters.ts';
import { RedisLeases } from '../../src/stores/redis/redis-leases.ts';

/** Far more than anything takes on a busy machine. */
const PATIENCE_MS = 60_000;

/** So slow that nothing comes back while a test runs. */
export const DAILY: Quota = { limit: 1000, windowMs: 86_400_000, burst: 1000 };

/** A charge of one unit. */
export function charge(fields: Partial<Charge> = {}): Charge {
  return {
    limiter: { id: 'route/limit', algorithm: 'gcra' },
    key: 'alice',
    quota: DAILY,
    cost: 1,
    ...fields,
  };
}

/** How counters reach these servers. */
export function configFor(servers: readonly RedisServer[], fields: Partial<RedisConfig> = {}): RedisConfig {
  const urls = servers.map(({ url }) => url);
  return {
    mode: 'single',
    urls,
    master: null,
    authorities: null,
    keyPrefix: 'turnpike:',
    timeoutMs: 50,
    ...fields,
  };
}

/** One thread of a gateway, whose time the test lets pass. */
export interface Gateway extends AsyncDisposable {
  readonly counters: Counters;
  /** What was logged. */
  readonly said: readonly string[];
  /** Lets time pass at once: what is not answered by then was not answered in time. */
  pass(ms: number): void;
  /** Asks until it is answered, and lets time pass meanwhile, so that it connects and probes; gives whether it is allowed. */
  whenAnswered(...charges: Charge[]): Promise<boolean>;
  /** Asks; gives whether it is allowed. */
  allows(...charges: Charge[]): Promise<boolean>;
}

/** Starts a thread of a gateway. */
export function startGateway(config: RedisConfig): Gateway {
  const clock = manualClock();
  const timers = new TimingWheel(() => clock.now());
  const said: string[] = [];
  const say = (message: string, fields: object = {}) =>
    void said.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: say, info: say, warn: say, error: say };
  const leases = RedisLeases.allocate(1024);
  const counters = new RedisCounters(config, { clock, log, timers, leases });

  const gateway: Gateway = {
    counters,
    said,
    pass(ms) {
      clock.advance(ms);
      timers.advance();
    },
    async whenAnswered(...charges) {
      const endsAtMs = performance.now() + PATIENCE_MS;
      for (;;) {
        try {
          return await gateway.allows(...charges);
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'COUNTERS_UNAVAILABLE');
          assert.ok(performance.now() < endsAtMs, 'there was never an answer');
        }
        gateway.pass(100);
        await delay(10);
      }
    },
    async allows(...charges) {
      const taken = counters.takeNow(charges) ?? (await counters.take(charges));
      return taken.every(({ isAllowed }) => isAllowed);
    },
    async [Symbol.asyncDispose]() {
      const closing = { isOver: false };
      const closed = counters.close().finally(() => (closing.isOver = true));
      // What does not answer any more is given up after a while.
      for (let i = 0; !closing.isOver; i++) {
        if (i > 100) gateway.pass(100);
        await delay(1);
      }
      await closed;
    },
  };
  return gateway;
}

/** Whether it says that it cannot count. */
export async function isUnavailable(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === 'COUNTERS_UNAVAILABLE';
  }
}
