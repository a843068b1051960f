import type { ScriptLink } from './redis-link.ts';

/** What one call of the bucket script asks of one bucket. */
interface Asked {
  readonly bucket: ModelBucket;
  readonly returned: number;
  readonly booked: number;
  readonly wanted: number;
}

/** A bucket, said as plainly as can be; the script must agree. */
abstract class ModelBucket {
  limit = 0;
  windowMs = 0;
  burst = 0;

  /** Units that could be taken. */
  abstract level(nowMs: number): number;
  abstract take(units: number, nowMs: number): void;
  abstract give(units: number, nowMs: number): void;
}

/** Fills evenly, up to the burst. */
class ModelGcra extends ModelBucket {
  #level = Infinity;
  #atMs = 0;

  level(nowMs: number): number {
    const refilled = ((nowMs - this.#atMs) * this.limit) / this.windowMs;
    this.#level = Math.min(this.burst, this.#level + refilled);
    this.#atMs = nowMs;
    return this.#level;
  }

  take(units: number, nowMs: number): void {
    this.#level = this.level(nowMs) - units;
  }

  give(units: number, nowMs: number): void {
    this.#level = Math.min(this.burst, this.level(nowMs) + units);
  }
}

/** Counts each window for itself. */
class ModelSliding extends ModelBucket {
  readonly #used = new Map<number, number>();

  level(nowMs: number): number {
    const window = Math.floor(nowMs / this.windowMs);
    const passed = (nowMs - window * this.windowMs) / this.windowMs;
    return this.limit - this.#of(window - 1) * (1 - passed) - this.#of(window);
  }

  take(units: number, nowMs: number): void {
    const window = Math.floor(nowMs / this.windowMs);
    this.#used.set(window, this.#of(window) + units);
  }

  give(units: number, nowMs: number): void {
    const window = Math.floor(nowMs / this.windowMs);
    const mayBeOfBefore = nowMs - window * this.windowMs < 600;
    const toBefore = mayBeOfBefore ? Math.min(units, this.#of(window - 1)) : 0;
    this.#used.set(window - 1, this.#of(window - 1) - toBefore);
    this.#used.set(window, Math.max(0, this.#of(window) - (units - toBefore)));
  }

  #of(window: number): number {
    return this.#used.get(window) ?? 0;
  }
}

/** What the model says about a call. */
export interface ModelReply {
  /** For each charge: whether there was room. */
  readonly hasRoom: readonly boolean[];
  /** For each bucket: units for a lease, and units that are left. */
  readonly buckets: readonly { readonly leased: number; readonly level: number }[];
}

/** Rounding does not deny. */
const HARDLY = 1e-6;

/** What the bucket script does, as a model of its own. */
export class ModelBuckets {
  readonly #byName = new Map<string, ModelBucket>();

  /** Runs the script with these arguments at a time of the server. */
  run(keys: readonly string[], args: readonly string[], nowMs: number): ModelReply {
    const words = args.map(Number);
    const word = () => words.shift() ?? NaN;
    const asked = keys.map((key) => this.#asked(key, word));
    for (const { bucket, returned, booked } of asked) {
      bucket.give(returned + Math.max(0, -booked), nowMs);
      const toDebt = bucket.level(nowMs) + bucket.limit;
      bucket.take(Math.max(0, Math.min(booked, toDebt)), nowMs);
    }
    const hasRoom: boolean[] = [];
    while (words.length > 0) hasRoom.push(...decide(asked, word, nowMs));
    const buckets = asked.map(({ bucket, wanted }) => {
      const leased = Math.max(0, Math.min(wanted, Math.floor((bucket.level(nowMs) + HARDLY) / 2)));
      bucket.take(leased, nowMs);
      return { leased, level: bucket.level(nowMs) };
    });
    return { hasRoom, buckets };
  }

  /** Units that are left in a bucket. */
  level(name: string, nowMs: number): number {
    return this.#byName.get(name)?.level(nowMs) ?? Infinity;
  }

  names(): string[] {
    return [...this.#byName.keys()];
  }

  #asked(key: string, word: () => number): Asked {
    const Model = word() === 1 ? ModelGcra : ModelSliding;
    const bucket = this.#byName.get(key) ?? new Model();
    bucket.limit = word();
    bucket.windowMs = word() / 1000;
    bucket.burst = word();
    this.#byName.set(key, bucket);
    return { bucket, returned: word(), booked: word(), wanted: word() };
  }
}

/** Takes everything that a request asks for, or nothing. */
function decide(asked: readonly Asked[], word: () => number, nowMs: number): boolean[] {
  const rooms: boolean[] = [];
  const taken: [ModelBucket, number][] = [];
  for (let left = word(); left > 0; left--) {
    const bucket = asked[word() - 1]?.bucket ?? new ModelGcra();
    const cost = word();
    const hasRoom = bucket.level(nowMs) + HARDLY >= cost;
    if (hasRoom) bucket.take(cost, nowMs);
    if (hasRoom) taken.push([bucket, cost]);
    rooms.push(hasRoom);
  }
  if (rooms.includes(false)) for (const [bucket, cost] of taken) bucket.take(-cost, nowMs);
  return rooms;
}

/** A store in this process: answers when it is told to, or at once. */
export class ModelLink implements ScriptLink {
  isUp = true;
  /** How often it was called. */
  calls = 0;
  renewals = 0;
  /** What becomes of calls: they are answered, or executed but not answered until `answer`, or they fail. */
  mood: 'answers' | 'hangs' | 'fails' = 'answers';
  readonly buckets: ModelBuckets;
  readonly #now: () => number;
  #waiting: (() => void)[] = [];

  constructor(now: () => number, buckets = new ModelBuckets()) {
    this.#now = now;
    this.buckets = buckets;
  }

  async run(_script: unknown, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    this.calls++;
    if (this.mood === 'fails') throw new Error('the connection broke');
    const reply = this.#replyTo(keys, args);
    if (this.mood === 'hangs') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return reply;
  }

  /** Answers what is waiting. */
  answer(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  renew(): void {
    this.renewals++;
  }

  close(): Promise<void> {
    this.isUp = false;
    return Promise.resolve();
  }

  #replyTo(keys: readonly string[], args: readonly string[]): number[] {
    const { hasRoom, buckets } = this.buckets.run(keys, args, this.#now());
    return [
      // It is not modelled for how long to wait.
      ...hasRoom.map((has) => (has ? 0 : 30_000)),
      ...buckets.flatMap(({ leased, level }) => [leased, Math.floor(level + HARDLY), 10_000]),
    ];
  }
}
