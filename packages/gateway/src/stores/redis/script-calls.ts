import type { Clock, Log } from '../../core/ports.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Bookings } from './bookings.ts';
import { BUCKET_SCRIPT, BUCKET_SCRIPT_SHA } from './bucket-script.ts';
import type { Bucket } from './buckets.ts';
import type { ScriptLink } from './redis-link.ts';
import { ScriptCall, type Ask } from './script-call.ts';
import { StoreBreaker } from './store-breaker.ts';

const SCRIPT = { text: BUCKET_SCRIPT, sha: BUCKET_SCRIPT_SHA };

/** What calls need. */
export interface CallPorts {
  readonly link: ScriptLink;
  /** For one answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly timers: TimingWheel;
  readonly log: Log;
  /** Goes along with calls to the same buckets. */
  readonly bookings: Bookings;
  /** Hears of every answer in time, before requests go on. */
  readonly whenAnswered: (asks: Iterable<Ask>) => void;
  /** Hears of every answer that came too late. */
  readonly whenLate: (asks: Iterable<Ask>) => void;
}

/**
 * Gathers what is asked in one turn of the event loop, so that it goes out as one call — in a cluster, as one for each group
 * of buckets — and sees to it that nobody waits for longer than the timeout. Then the call counts as failed. Should it be
 * answered later, its parts get to hear that as well.
 */
export class ScriptCalls {
  readonly #ports: CallPorts;
  readonly #breaker = new StoreBreaker();
  readonly #gathered = new Map<string, ScriptCall>();
  /** Those that were neither answered nor given up yet. */
  readonly #underWay = new Set<ScriptCall>();
  #whenIdle: (() => void)[] = [];

  constructor(ports: CallPorts) {
    this.#ports = ports;
  }

  /** Whether Redis is there to be asked. */
  get isUp(): boolean {
    return this.#ports.link.isUp && this.#breaker.isClosed;
  }

  /** Whether a request may ask now. If so, it must: it may be the one by which Redis is probed. */
  mayAsk(nowMs: number): boolean {
    return this.#ports.link.isUp && this.#breaker.mayCall(nowMs);
  }

  /** The call, still to be made, in which a bucket can be asked for. */
  callFor({ group }: Bucket): ScriptCall {
    const gathered = this.#gathered.get(group);
    if (gathered !== undefined && !gathered.isFull) return gathered;
    if (gathered !== undefined) void this.#make(gathered);
    else if (this.#gathered.size === 0) setImmediate(() => this.flush());
    const call = new ScriptCall();
    this.#gathered.set(group, call);
    return call;
  }

  /** Makes the calls that were gathered. */
  flush(): void {
    const calls = [...this.#gathered.values()];
    this.#gathered.clear();
    for (const call of calls) void this.#make(call);
  }

  /** Resolves when all calls that were made are answered, or given up. */
  idle(): Promise<void> {
    if (this.#underWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  async #make(call: ScriptCall): Promise<void> {
    const { link, timeoutMs, timers, bookings, whenAnswered, whenLate } = this.#ports;
    let isLate = false;
    const tooLate = new Deadline(() => {
      isLate = true;
      this.#failed(call, new Error(`no answer within ${timeoutMs} ms`));
      this.#ended(call);
    });
    this.#underWay.add(call);
    timers.touch();
    timers.set(tooLate, timeoutMs);
    bookings.moveInto(call);
    try {
      const reply = await link.run(SCRIPT, call.keys(), call.args());
      call.answered(reply, () => (isLate ? whenLate : whenAnswered)(call.asks.values()));
      if (!isLate) this.#succeeded();
    } catch (error) {
      if (!isLate) this.#failed(call, error);
    } finally {
      timers.remove(tooLate);
      this.#ended(call);
    }
  }

  #ended(call: ScriptCall): void {
    this.#underWay.delete(call);
    if (this.#underWay.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #succeeded(): void {
    if (this.#breaker.succeeded()) this.#ports.log.info('redis answers again');
  }

  #failed(call: ScriptCall, cause: unknown): void {
    const { clock, log, link } = this.#ports;
    if (this.#breaker.failed(clock.now())) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      log.warn('redis does not count: limits do what they are to do when their store fails', { problem });
      link.renew();
    }
    call.failed(cause);
  }
}
