import type { Charge, Quota } from '../../core/counters.ts';
import type { Clock } from '../../core/ports.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Bookings } from './bookings.ts';
import type { Bucket, Buckets } from './buckets.ts';
import type { GiveBack } from './pending-take.ts';
import { LEASE_MS, type RedisLeases } from './redis-leases.ts';
import type { Ask } from './script-call.ts';
import type { ScriptCalls } from './script-calls.ts';

/** How often it is looked for leases that are over, and for what Redis is to hear of. */
const SWEEP_MS = 50;

/** Units that this thread has fetched in advance, and where they are kept. */
interface Lease {
  readonly bucket: Bucket;
  readonly quota: Quota;
  readonly place: number;
  readonly endsAtMs: number;
}

/** What returns need. */
export interface ReturnPorts {
  readonly clock: Clock;
  readonly timers: TimingWheel;
  readonly leases: RedisLeases;
  readonly buckets: Buckets;
  readonly bookings: Bookings;
  readonly calls: ScriptCalls;
}

/**
 * Sees to it that units which nobody used get back to Redis. Each thread looks after the leases that it has fetched itself,
 * because the table of leases does not know by which names Redis knows its keys.
 */
export class Returns implements GiveBack {
  readonly #ports: ReturnPorts;
  readonly #sweep = new Deadline(() => this.#lookAround());
  /** In the order in which they end. One that was prolonged is here twice. */
  #leases: Lease[] = [];

  constructor(ports: ReturnPorts) {
    this.#ports = ports;
  }

  /** Gives back what Redis has lent too late. */
  refuse({ bucket, quota, leased }: Ask): void {
    this.#giveBack(bucket, quota, leased);
  }

  /** Keeps what Redis has lent, at the place of its key; -1 if there is none. */
  keep({ bucket, quota, leased }: Ask, place: number, nowMs: number): void {
    const { leases } = this.#ports;
    const surplus = place < 0 ? leased : leases.grant(place, bucket.leaseKey, leased, nowMs);
    if (place >= 0) this.#leases.push({ bucket, quota, place, endsAtMs: nowMs + LEASE_MS });
    this.#giveBack(bucket, quota, surplus);
  }

  /** Puts back what was drawn from a lease. */
  toLease(charge: Charge): void {
    const { buckets, leases, clock } = this.#ports;
    const { leaseKey } = buckets.of(charge);
    const place = leases.find(leaseKey);
    if (place < 0 || !leases.putBack(place, leaseKey, charge.cost, clock.now())) this.toRedis(charge);
  }

  /** Gives back what Redis has let through. */
  toRedis(charge: Charge): void {
    this.#giveBack(this.#ports.buckets.of(charge), charge.quota, charge.cost);
  }

  /** Books what a request cost beyond what was taken. */
  book(charge: Charge, difference: number): void {
    const { buckets, bookings } = this.#ports;
    bookings.book(buckets.of(charge), charge.quota, difference);
    this.#lookAroundSoon();
  }

  /** Gives everything back that is still kept, in calls that remain to be made. */
  giveAllBack(): void {
    const { timers, leases } = this.#ports;
    for (const { bucket, quota, place } of this.#leases.splice(0))
      this.#giveBack(bucket, quota, leases.empty(place, bucket.leaseKey));
    this.#tell();
    timers.remove(this.#sweep);
  }

  #giveBack(bucket: Bucket, quota: Quota, units: number): void {
    if (units > 0) this.#ports.bookings.giveBack(bucket, quota, units);
    this.#lookAroundSoon();
  }

  #lookAroundSoon(): void {
    const { timers } = this.#ports;
    if (this.#sweep.dueMs !== Infinity) return;
    timers.touch();
    timers.set(this.#sweep, SWEEP_MS);
  }

  #lookAround(): void {
    const { clock, leases, bookings } = this.#ports;
    const nowMs = clock.now();
    const goOn = this.#leases.findIndex(({ endsAtMs }) => endsAtMs > nowMs);
    for (const { bucket, quota, place } of this.#leases.splice(0, goOn < 0 ? this.#leases.length : goOn)) {
      const units = leases.reclaim(place, bucket.leaseKey, nowMs);
      if (units > 0) bookings.giveBack(bucket, quota, units);
    }
    this.#tell();
    if (this.#leases.length > 0 || !bookings.isEmpty) this.#lookAroundSoon();
  }

  /** Has calls made for what Redis is to hear of; they take it along. */
  #tell(): void {
    const { calls, bookings } = this.#ports;
    if (!calls.isUp) return bookings.forgetReturns();
    for (const { bucket, quota } of bookings.pending()) calls.callFor(bucket).ask(bucket, quota);
  }
}
