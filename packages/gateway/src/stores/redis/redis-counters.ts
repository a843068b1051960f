import type { RedisConfig } from '@turnpike/config';
import type { Charge, Counters, Limiter, Taken } from '../../core/counters.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { Bookings } from './bookings.ts';
import { Buckets } from './buckets.ts';
import { PendingTake } from './pending-take.ts';
import { LEASE_MS, RedisLeases } from './redis-leases.ts';
import { redisOpener } from './redis-opener.ts';
import { RedisLink, type ScriptLink } from './redis-link.ts';
import { Returns } from './returns.ts';
import type { Ask, ScriptCall } from './script-call.ts';
import { ScriptCalls } from './script-calls.ts';
import { deniedAsBefore, fits, isStillDenied, neverThere, presumed, takenFromLease } from './taken.ts';

/** What counters in Redis need. */
export interface RedisPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** `RedisLeases.allocate`, one for all threads of the process. */
  readonly leases: SharedArrayBuffer;
  readonly timers: TimingWheel;
}

/**
 * Counts in Redis, for all gateways together; one object for each thread, with a connection of its own.
 *
 * Most requests do not wait for Redis. Whenever units are fetched, as many more come along as were asked for in the last
 * 100 ms, at most half of what is left; all threads of the process draw on them, and when half of them are used, the next
 * ones are fetched in the background. What is left after 200 ms goes back. When Redis denies, that is remembered until there
 * can be units again, so whoever is far above a limit costs Redis nearly nothing. Small limits, of which half is nothing,
 * are counted request by request.
 *
 * **Bound.** Every unit that is handed out was taken from the bucket in Redis before. So from the first request on, however
 * many gateways there are, never more is let through than `limit · t + burst`. Within a span that begins later, it is what
 * is allowed in one that is longer by two leases and a timeout, for units that were taken just before. What is lost — in
 * answers that never came, with a process that died — is lost for callers, never for the service behind. Redis itself may
 * forget: after a restart without persistence, or a failover, all buckets are full.
 */
export class RedisCounters implements Counters {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #leases: RedisLeases;
  readonly #buckets: Buckets;
  readonly #link: ScriptLink;
  readonly #calls: ScriptCalls;
  readonly #returns: Returns;
  #isClosing = false;

  /** Connects in the background; until it is connected, `take` rejects. */
  constructor(
    config: RedisConfig,
    ports: RedisPorts,
    link: ScriptLink = new RedisLink(redisOpener(config), ports),
  ) {
    const { timeoutMs } = config;
    const leases = new RedisLeases(ports.leases);
    const buckets = new Buckets(config, (name) => leases.keyOf(name));
    const bookings = new Bookings();
    const calls = new ScriptCalls({
      ...ports,
      link,
      timeoutMs,
      bookings,
      whenAnswered: (asks) => this.#learn(asks),
      whenLate: (asks) => {
        for (const ask of asks) this.#returns.refuse(ask);
      },
    });
    this.#clock = ports.clock;
    this.#timeoutMs = timeoutMs;
    this.#leases = leases;
    this.#buckets = buckets;
    this.#link = link;
    this.#calls = calls;
    this.#returns = new Returns({ ...ports, leases, buckets, bookings, calls });
  }

  limiter(id: string, algorithm: Limiter['algorithm']): Limiter {
    return { id, algorithm };
  }

  /** From leases, which are good for as long as they last even if Redis is gone, or from what Redis denied a moment ago. */
  takeNow(charges: readonly Charge[]): readonly Taken[] | null {
    const nowMs = this.#clock.now();
    const answers = charges.map((charge) => this.#look(charge, nowMs));
    if (answers.every(isAllowed)) return answers;
    this.#putBack(charges, answers);
    return answers.some(isDenied) ? completed(charges, answers) : null;
  }

  takeOne(charge: Charge): Taken | null {
    return this.takeNow([charge])?.[0] ?? null;
  }

  /** All requests of one turn of the event loop ask in one call, and none waits for longer than the timeout. */
  async take(charges: readonly Charge[]): Promise<readonly Taken[]> {
    const nowMs = this.#clock.now();
    const answers = charges.map((charge) => this.#look(charge, nowMs));
    if (answers.every(isAllowed)) return answers;
    if (!answers.some(isDenied) && this.#calls.mayAsk(nowMs)) return this.#ask(charges, answers, nowMs);
    this.#putBack(charges, answers);
    if (answers.some(isDenied)) return completed(charges, answers);
    throw new GatewayError('COUNTERS_UNAVAILABLE', 'redis is not there');
  }

  /** Goes along with the next call, within 50 ms. It is lost if that fails. */
  settle(charge: Charge, difference: number): void {
    if (difference !== 0 && Number.isFinite(difference) && charge.quota.limit > 0)
      this.#returns.book(charge, difference);
  }

  /** Gives back what this thread has fetched, and closes the connection; takes as long as two calls at most. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#calls.flush();
    await this.#calls.idle();
    this.#returns.giveAllBack();
    this.#calls.flush();
    await this.#link.close(this.#timeoutMs);
  }

  /** Draws on the lease, or remembers a denial; null if neither is there. */
  #look(charge: Charge, nowMs: number): Taken | null {
    const { quota, cost } = charge;
    if (!fits(charge)) return neverThere(charge);
    const bucket = this.#buckets.of(charge);
    const place = isLeasable(charge) ? this.#leases.find(bucket.leaseKey) : -1;
    if (place < 0) return null;
    const left = this.#leases.draw(place, bucket.leaseKey, cost, nowMs);
    const view = this.#leases.view(place, nowMs);
    const answer = left >= 0 ? takenFromLease(charge, view, left) : deniedAsBefore(charge, view);
    if (answer === null) return null;
    this.#leases.demand(place, cost, nowMs);
    const isTimeForMore = left >= 0 && this.#leases.isHalfUsed(place, left) && !isStillDenied(view, quota);
    if (isTimeForMore && this.#calls.isUp && !this.#isClosing) this.#fetchMore(charge, place, nowMs);
    return answer;
  }

  #fetchMore(charge: Charge, place: number, nowMs: number): void {
    const units = this.#leases.beginFetch(place, nowMs, this.#timeoutMs);
    if (units === 0) return;
    const bucket = this.#buckets.of(charge);
    this.#calls.callFor(bucket).ask(bucket, charge.quota).wanted = units;
  }

  #ask(
    charges: readonly Charge[],
    answers: readonly (Taken | null)[],
    nowMs: number,
  ): Promise<readonly Taken[]> {
    const pending = new PendingTake(charges, answers, this.#returns);
    const calls = new Map<ScriptCall, number[]>();
    for (const [i, charge] of charges.entries()) {
      if (answers[i] !== null) continue;
      const call = this.#calls.callFor(this.#buckets.of(charge));
      calls.set(call, [...(calls.get(call) ?? []), i]);
    }
    for (const [call, indexes] of calls) {
      const asks = indexes
        .flatMap((i) => charges[i] ?? [])
        .map((charge) => this.#askFor(charge, call, nowMs));
      call.add(pending.part(indexes, asks));
    }
    return pending.promise;
  }

  /** Asks for what a charge needs, and for a lease if that is worth it and nobody else does. */
  #askFor(charge: Charge, call: ScriptCall, nowMs: number): Ask {
    const bucket = this.#buckets.of(charge);
    const ask = call.ask(bucket, charge.quota);
    const place = isLeasable(charge) ? this.#leases.settle(bucket.leaseKey, nowMs) : -1;
    if (place < 0) return ask;
    // For the others: what this one needs, it asks for itself.
    ask.wanted += this.#leases.beginFetch(place, nowMs, this.#timeoutMs);
    this.#leases.demand(place, charge.cost, nowMs);
    return ask;
  }

  /** Notes what Redis has said about buckets, and keeps what it has lent. */
  #learn(asks: Iterable<Ask>): void {
    const nowMs = this.#clock.now();
    for (const ask of asks) {
      const place = this.#leases.find(ask.bucket.leaseKey);
      if (place >= 0) this.#leases.see(place, ask, nowMs);
      if (ask.leased > 0) this.#returns.keep(ask, place, nowMs);
      if (place >= 0 && ask.wanted > 0) this.#leases.endFetch(place);
    }
  }

  #putBack(charges: readonly Charge[], answers: readonly (Taken | null)[]): void {
    for (const [i, charge] of charges.entries())
      if (answers[i]?.isAllowed === true) this.#returns.toLease(charge);
  }
}

function isAllowed(answer: Taken | null): answer is Taken {
  return answer !== null && answer.isAllowed;
}

function isDenied(answer: Taken | null): boolean {
  return answer !== null && !answer.isAllowed;
}

/** Parts of a unit cannot be lent, nor can what comes back after more than a window of those that stand still. */
function isLeasable({ limiter, quota, cost }: Charge): boolean {
  return Number.isInteger(cost) && (limiter.algorithm === 'gcra' || quota.windowMs >= 4 * LEASE_MS);
}

/** Where nobody looked, because another bucket denies the request, it is as if nothing were used. */
function completed(charges: readonly Charge[], answers: readonly (Taken | null)[]): Taken[] {
  return charges.map((charge, i) => answers[i] ?? presumed(charge));
}
