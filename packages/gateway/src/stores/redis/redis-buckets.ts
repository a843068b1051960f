import { hash } from 'node:crypto';
import type { RedisConfig } from '@turnpike/config';
import type { Charge, Taken } from '../../core/counters.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { BUCKET_SCRIPT, BUCKET_SCRIPT_SHA } from './bucket-script.ts';
import { Buckets } from './buckets.ts';
import { listening } from './listening.ts';
import { RedisLeases } from './redis-leases.ts';
import { RedisLink, type LinkPorts, type Script } from './redis-link.ts';
import { redisOpener, type OpenRedis } from './redis-opener.ts';
import { ScriptCall } from './script-call.ts';
import { neverThere } from './taken.ts';
import { timely } from './timely-answers.ts';

/** What looking at buckets needs. */
export interface BucketPorts extends LinkPorts {
  readonly clock: Clock;
  /** Those of the threads. */
  readonly leases: SharedArrayBuffer;
}

/** For one answer. Somebody asked for it by hand, so it may take longer than a request would wait. */
const PATIENCE_MS = 1000;

const LOOK: Script = { text: BUCKET_SCRIPT, sha: BUCKET_SCRIPT_SHA };

/** Makes a bucket afresh and tells all gateways which one it was. KEYS has it, ARGV the channel. */
const FORGET = script(`
redis.call('DEL', KEYS[1])
return redis.call('PUBLISH', ARGV[1], KEYS[1])
`);

/**
 * Looks at buckets in Redis and makes them start afresh, once a process. Every gateway hears of that, and forgets the units
 * that it has fetched and what it was denied. Who misses the message does so by itself: both last for a second at most.
 */
export class RedisBuckets {
  readonly #clock: Clock;
  readonly #channel: string;
  readonly #leases: RedisLeases;
  readonly #buckets: Buckets;
  readonly #ports: BucketPorts;
  readonly #link: RedisLink;
  readonly #listener: RedisLink;

  /** Connects in the background. */
  constructor(config: RedisConfig, ports: BucketPorts, open: OpenRedis = redisOpener(config)) {
    const leases = new RedisLeases(ports.leases);
    const forget = (name: string): void => leases.forget(leases.keyOf(name));
    this.#clock = ports.clock;
    this.#ports = ports;
    this.#channel = `${config.keyPrefix}limits:afresh`;
    this.#leases = leases;
    this.#buckets = new Buckets(config, (name) => leases.keyOf(name));
    this.#link = new RedisLink(open, ports);
    this.#listener = new RedisLink(listening(open, this.#channel, forget), ports);
  }

  /** What asking for these units would give now; takes nothing. Rejects with `COUNTERS_UNAVAILABLE`. */
  async look(charge: Charge): Promise<Taken> {
    if (charge.quota.limit <= 0) return neverThere(charge);
    const bucket = this.#buckets.of(charge);
    const call = new ScriptCall();
    const ask = call.ask(bucket, charge.quota);
    const reply = await this.#run(LOOK, call.keys(), call.args());
    call.answered(reply, () => {});
    const place = this.#leases.find(bucket.leaseKey);
    const here = place < 0 ? 0 : this.#leases.left(place, bucket.leaseKey, this.#clock.now());
    const remaining = Math.min(charge.quota.burst, Math.max(0, ask.level) + here);
    const isAllowed = remaining >= charge.cost;
    return { isAllowed, remaining, resetMs: ask.resetMs, retryAfterMs: isAllowed ? 0 : ask.resetMs };
  }

  /** The bucket starts afresh, for all gateways. Rejects with `COUNTERS_UNAVAILABLE`: then nobody knows whether it does. */
  async forget(charge: Charge): Promise<void> {
    const { name, leaseKey } = this.#buckets.of(charge);
    await this.#run(FORGET, [name], [this.#channel]);
    this.#leases.forget(leaseKey);
  }

  async close(withinMs: number): Promise<void> {
    await Promise.all([this.#link.close(withinMs), this.#listener.close(withinMs)]);
  }

  async #run(wanted: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const { timers } = this.#ports;
    try {
      return await timely(() => this.#link.run(wanted, keys, args), timers, PATIENCE_MS);
    } catch (cause) {
      throw new GatewayError('COUNTERS_UNAVAILABLE', 'redis does not answer', { cause });
    }
  }
}

function script(text: string): Script {
  return { text, sha: hash('sha1', text) };
}
