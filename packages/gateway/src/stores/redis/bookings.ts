import type { Quota } from '../../core/counters.ts';
import type { Bucket } from './buckets.ts';
import type { ScriptCall } from './script-call.ts';

/** What Redis is yet to hear of a bucket. */
interface Booking {
  readonly bucket: Bucket;
  readonly quota: Quota;
  /** Units that nobody used. */
  returned: number;
  /** Units that were used beyond what was taken; negative: fewer. */
  booked: number;
}

/** What is beyond that is not booked: better than to grow while Redis is away. */
const MOST_BUCKETS = 10_000;

/**
 * What goes along with the next calls: units that come back, and what requests cost beyond what was taken.
 *
 * It is told once. If the call fails, it may have been heard or not, and to say it again could give units back twice.
 */
export class Bookings {
  readonly #byName = new Map<string, Booking>();

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** Units that nobody used go back. */
  giveBack(bucket: Bucket, quota: Quota, units: number): void {
    const booking = this.#of(bucket, quota);
    if (booking !== null) booking.returned += units;
  }

  /** A request has cost more, or less, than was taken for it. */
  book(bucket: Bucket, quota: Quota, difference: number): void {
    const booking = this.#of(bucket, quota);
    if (booking !== null) booking.booked += difference;
  }

  /** Hands a call what concerns its buckets. */
  moveInto(call: ScriptCall): void {
    if (this.#byName.size === 0) return;
    for (const [name, ask] of call.asks) {
      const booking = this.#byName.get(name);
      if (booking === undefined) continue;
      ask.returned += booking.returned;
      ask.booked += booking.booked;
      this.#byName.delete(name);
    }
  }

  /** The buckets of which Redis is yet to hear something. */
  pending(): Iterable<Pick<Booking, 'bucket' | 'quota'>> {
    return this.#byName.values();
  }

  /** Forgets what would be in favour of callers: too late, it would be worth more than when it was taken. */
  forgetReturns(): void {
    for (const [name, booking] of this.#byName) {
      booking.returned = 0;
      booking.booked = Math.max(0, booking.booked);
      if (booking.booked === 0) this.#byName.delete(name);
    }
  }

  #of(bucket: Bucket, quota: Quota): Booking | null {
    const known = this.#byName.get(bucket.name);
    if (known !== undefined) return known;
    if (this.#byName.size >= MOST_BUCKETS) return null;
    const booking = { bucket, quota, returned: 0, booked: 0 };
    this.#byName.set(bucket.name, booking);
    return booking;
  }
}
