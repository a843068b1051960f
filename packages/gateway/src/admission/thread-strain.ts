import type { Priority } from '@turnpike/config';
import type { SelfProtection, Strain } from '../core/admission.ts';
import type { Clock } from '../core/ports.ts';
import { PRIORITIES, RANK } from '../core/priority.ts';
import { DampedLevel } from './damped-level.ts';
import { LagWindow } from './lag-window.ts';
import type { MemoryUse } from './memory-use.ts';

/** What the strain is measured with. */
export interface StrainPorts {
  readonly clock: Clock;
  readonly memoryUse: () => MemoryUse;
}

/**
 * How strained this thread is: in Node the queue that hurts is the event loop, and what every request waits for. The more it
 * lags, or the fuller the memory is, the more is shed: first `bulk`, then `low`, `normal`, and at last all but `critical`.
 */
export class ThreadStrain implements SelfProtection {
  readonly #ports: StrainPorts;
  readonly #lags = new LagWindow(TICK_MS, LAG_MS);
  readonly #lag = new DampedLevel();
  readonly #memory = new DampedLevel();
  #averageLagMs = 0;
  #startedAtMs = NaN;
  #memoryDueMs = 0;

  constructor(ports: StrainPorts) {
    this.#ports = ports;
  }

  /** Measures from now on, until the function that it gives is called. */
  start(): () => void {
    const timer = setInterval(() => this.tick(), TICK_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** To be called every 10 ms. */
  tick(): void {
    const nowMs = this.#ports.clock.now();
    const lagMs = this.#lags.tick(nowMs);
    this.#averageLagMs += (lagMs - this.#averageLagMs) * NEWEST;
    if (Number.isNaN(this.#startedAtMs)) this.#startedAtMs = nowMs;
    // A thread that has just been started compiles what it runs.
    if (nowMs - this.#startedAtMs < WARM_UP_MS) return;
    this.#lag.measure(this.#lags.level, nowMs);
    if (nowMs < this.#memoryDueMs) return;
    this.#memoryDueMs = nowMs + MEMORY_EVERY_MS;
    const { heap, resident } = this.#ports.memoryUse();
    this.#memory.measure(Math.max(above(HEAP_USED, heap), above(RESIDENT, resident)), nowMs);
  }

  /** What the event loop adds to a latency that is measured now: what comes waits for a turn, and so does its answer. */
  get ownDelayMs(): number {
    return 2 * this.#averageLagMs;
  }

  /** Nothing more can be done: connections should be closed with their next reply, so that balancers look elsewhere. */
  get isExhausted(): boolean {
    return Math.max(this.#lag.value, this.#memory.value) >= LAG_MS.length;
  }

  sheds(priority: Priority): Strain | null {
    const spared = PRIORITIES.length - 1 - RANK[priority];
    if (this.#lag.value > spared) return 'lag';
    return this.#memory.value > spared ? 'memory' : null;
  }
}

function above(thresholds: readonly number[], value: number): number {
  return thresholds.filter((threshold) => value > threshold).length;
}

const TICK_MS = 10;
const NEWEST = 0.1;
const WARM_UP_MS = 5000;
const MEMORY_EVERY_MS = 250;

/** What a tenth of the ticks is later than, for each step. */
const LAG_MS: readonly number[] = [20, 50, 100, 250];
/** Near its limit V8 does little else than collect garbage. */
const HEAP_USED: readonly number[] = [0.8, 0.86, 0.92, 0.96];
/** Later than the heap, because what a process has had it does not always give back. */
const RESIDENT: readonly number[] = [0.92, 0.95, 0.97, 0.99];
