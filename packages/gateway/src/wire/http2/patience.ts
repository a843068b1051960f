import type { Http2Abuse } from '../../core/http2-abuse.ts';

/** How much of something is believed to be no attack: `burst` at once, and `perSecond` in the long run. */
interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

const ALLOWANCES = {
  reset: { burst: 100, perSecond: 33 },
  refused: { burst: 100, perSecond: 33 },
  ping: { burst: 20, perSecond: 10 },
  settings: { burst: 10, perSecond: 1 },
  chatter: { burst: 256 * 1024, perSecond: 64 * 1024 },
  // Malformed requests, and frames that are empty: those who make mistakes make few.
  invalid: { burst: 50, perSecond: 1 },
  // Frames that change nothing, such as priorities, which some browsers send with every request.
  idle: { burst: 1000, perSecond: 200 },
} as const satisfies Partial<Record<Http2Abuse | 'invalid' | 'idle', Allowance>>;

/** What is counted here; the rest is found out by others. */
export type CountedAbuse = keyof typeof ALLOWANCES;

/** The patience that a connection has with its client: a bucket of each kind, made when it is first needed. */
export class Patience {
  readonly #nowMs: () => number;
  readonly #buckets = new Map<CountedAbuse, { level: number; atMs: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Takes `amount`; tells whether it was too much. */
  isOver(kind: CountedAbuse, amount: number): boolean {
    const { burst, perSecond } = ALLOWANCES[kind];
    const nowMs = this.#nowMs();
    const bucket = this.#buckets.get(kind) ?? { level: 0, atMs: nowMs };
    this.#buckets.set(kind, bucket);
    const leaked = ((nowMs - bucket.atMs) / 1000) * perSecond;
    bucket.level = Math.max(0, bucket.level - leaked) + amount;
    bucket.atMs = nowMs;
    return bucket.level > burst;
  }
}
