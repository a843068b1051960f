import type { Priority } from '@turnpike/config';
import type { SelfProtection, Strain } from '../core/admission.ts';
import type { Clock } from '../core/ports.ts';
import { PRIORITIES, RANK } from '../core/priority.ts';
import type { Random } from '../core/random.ts';
import { DampedLevel } from './damped-level.ts';
import { LagWindow } from './lag-window.ts';
import type { MemoryUse } from './memory-use.ts';
import type { StrainLine } from './strain-board.ts';
import { strainScale } from './strain-scale.ts';

/** What the strain is measured with, and where it is shown. */
export interface StrainPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly memoryUse: () => MemoryUse;
  /** Processor time of this thread so far. */
  readonly cpuMs: () => number;
  readonly shown: StrainLine;
}

/**
 * How strained this thread is: in Node the queue that hurts is the event loop, and what every request waits for. The more it
 * lags, or the fuller the memory is, the more is shed: first `bulk`, then `low`, `normal`, and at last all but `critical`.
 *
 * A lag counts only as far as the thread was at work in that time: to be late because others have the processor is no reason
 * to send anybody away, and shedding would not help.
 */
export class ThreadStrain implements SelfProtection {
  readonly #ports: StrainPorts;
  readonly #lags = new LagWindow();
  readonly #lag = new DampedLevel();
  readonly #memory = new DampedLevel();
  #averageLagMs = 0;
  #lastMs: number;
  #lastCpuMs: number;
  #lagDueMs: number;
  #memoryDueMs: number;

  constructor(ports: StrainPorts) {
    this.#ports = ports;
    this.#lastMs = ports.clock.now();
    this.#lastCpuMs = ports.cpuMs();
    // A thread that has just been started compiles what it runs.
    this.#lagDueMs = this.#lastMs + WARM_UP_MS;
    this.#memoryDueMs = this.#lastMs;
  }

  /** Measures from now on, until the function that it gives is called. */
  start(): () => void {
    const timer = setInterval(() => this.tick(), TICK_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** To be called every 10 ms. */
  tick(): void {
    const { clock, cpuMs } = this.#ports;
    const nowMs = clock.now();
    const lagMs = Math.max(0, nowMs - this.#lastMs - TICK_MS - TIMER_GRAIN_MS);
    const usedMs = cpuMs();
    this.#averageLagMs += (lagMs - this.#averageLagMs) * NEWEST;
    this.#lags.add(nowMs, lagMs, usedMs - this.#lastCpuMs);
    this.#lastMs = nowMs;
    this.#lastCpuMs = usedMs;
    if (nowMs >= this.#lagDueMs) this.#measureLag(nowMs);
    if (nowMs >= this.#memoryDueMs) this.#measureMemory(nowMs);
  }

  /** What the event loop adds to a latency that is measured now: what comes waits for a turn, and so does its answer. */
  get ownDelayMs(): number {
    return 2 * this.#averageLagMs;
  }

  /** Little more can be done: connections should be closed with their next reply, so that balancers look elsewhere. */
  get isExhausted(): boolean {
    return Math.max(this.#lag.value, this.#memory.value) >= EXHAUSTED;
  }

  sheds(priority: Priority): Strain | null {
    const spared = PRIORITIES.length - 1 - RANK[priority];
    if (this.#isShed(this.#lag.value - spared)) return 'lag';
    return this.#isShed(this.#memory.value - spared) ? 'memory' : null;
  }

  #isShed(share: number): boolean {
    return share > 0 && (share >= 1 || this.#ports.random.unit() < share);
  }

  #measureLag(nowMs: number): void {
    this.#lagDueMs = nowMs + LAG_EVERY_MS;
    this.#lag.measure(LAG_MS(this.#lags.tailMs), nowMs);
    this.#ports.shown.show('lag', this.#lag.value);
  }

  #measureMemory(nowMs: number): void {
    this.#memoryDueMs = nowMs + MEMORY_EVERY_MS;
    const { heap, resident } = this.#ports.memoryUse();
    this.#memory.measure(Math.max(HEAP_USED(heap), RESIDENT(resident)), nowMs);
    this.#ports.shown.show('memory', this.#memory.value);
  }
}

const TICK_MS = 10;
/** Timers of Node count whole milliseconds, and are late by this even when nothing happens. */
const TIMER_GRAIN_MS = 1;
const NEWEST = 0.1;
const WARM_UP_MS = 2000;
const LAG_EVERY_MS = 100;
const MEMORY_EVERY_MS = 250;
/** Nobody of normal priority gets in any more. */
const EXHAUSTED = 3;

/** What a tenth of the ticks is later than. */
const LAG_MS = strainScale([20, 50, 100, 250, 500]);
/** Near its limit V8 does little else than collect garbage. */
const HEAP_USED = strainScale([0.8, 0.86, 0.92, 0.96, 0.98]);
/** Later than the heap, because what a process has had it does not always give back. */
const RESIDENT = strainScale([0.92, 0.95, 0.97, 0.99, 1]);
