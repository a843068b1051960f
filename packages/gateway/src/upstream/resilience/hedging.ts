import type { HedgeConfig } from '@turnpike/config';
import { LatencyWindow } from './latency-window.ts';
import type { RetryBudget } from './retry-budget.ts';

/** An earlier second attempt would double the load for nothing: so much is noise. */
const LEAST_MS = 5;
const MOST_TOKENS = 10;

/** When a route makes a second attempt beside the first, in one thread. */
export class Hedging {
  readonly #config: HedgeConfig;
  readonly #budget: RetryBudget;
  readonly #reported: () => void;
  readonly #latencies: LatencyWindow | null;
  #tokens = 1;

  /** `budget`: while the retries of the service are used up, it is in trouble, and gets nothing twice. */
  constructor(config: HedgeConfig, budget: RetryBudget, reported: () => void) {
    this.#config = config;
    this.#budget = budget;
    this.#reported = reported;
    this.#latencies = config.after.kind === 'percentile' ? new LatencyWindow(config.after.percentile) : null;
  }

  /** A request begins, and adds its part to the budget. Gives when a second attempt is due; null: never. */
  begin(nowMs: number): number | null {
    const { after, budgetPercent } = this.#config;
    this.#tokens = Math.min(MOST_TOKENS, this.#tokens + budgetPercent / 100);
    const afterMs = after.kind === 'time' ? after.ms : (this.#latencies?.valueMs(nowMs) ?? null);
    return afterMs === null ? null : Math.max(LEAST_MS, afterMs);
  }

  /** The head of the reply came after so long, from whichever attempt. */
  answered(elapsedMs: number, nowMs: number): void {
    this.#latencies?.add(elapsedMs, nowMs);
  }

  /** The time has come; whether the second attempt may be made. In report mode it is only counted. */
  tryTake(nowMs: number): 'taken' | 'refused' | 'reported' {
    if (this.#tokens < 1 || !this.#budget.hasRoom(nowMs)) return 'refused';
    this.#tokens -= 1;
    if (this.#config.mode === 'on') return 'taken';
    this.#reported();
    return 'reported';
  }
}
