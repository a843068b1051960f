import type { CircuitBreakerConfig } from '@turnpike/config';
import type { BreakerState, BreakerTally } from '../../core/breaker-state.ts';
import type { Random } from '../../core/random.ts';
import {
  CAUSES,
  FLOATS,
  generationOf,
  INTS,
  levelOf,
  MAX_LEVEL,
  nextWord,
  stateOf,
  type BreakerCause,
  type BreakerLine,
} from './breaker-states.ts';
import { FailureWindow } from './failure-window.ts';
import { Probes } from './probes.ts';

/** What an exchange says of its service. */
export type Verdict = 'success' | 'failure' | 'nothing';

/** It may not pass. */
export const REFUSED = -1;

/** What a breaker needs of its thread. */
export interface BreakerPorts {
  /** Milliseconds on the monotonic clock; may be some old. */
  readonly nowMs: () => number;
  readonly random: Random;
  readonly tally: BreakerTally;
}

/**
 * The breaker of one service, as this thread sees it; its state is shared by all threads.
 *
 * Closed, it counts; when too many exchanges of the window failed it opens, and everybody is refused at once. After a while,
 * which doubles each time, it is half-open: some pass, more and more of them, until it closes or opens again.
 */
export class Breaker {
  readonly #config: CircuitBreakerConfig;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #ports: BreakerPorts;
  readonly #window: FailureWindow;
  readonly #probes: Probes;

  constructor(config: CircuitBreakerConfig, line: BreakerLine, ports: BreakerPorts) {
    this.#config = config;
    this.#ints = line.ints;
    this.#floats = line.floats;
    this.#ports = ports;
    this.#window = new FailureWindow(line.ints, config.windowMs);
    // A service that takes longer than that for one answer is asked once in this time.
    this.#probes = new Probes(line, config.openForMs, config.failureRate / 100);
  }

  /** A ticket, to be given back with a verdict, or {@link REFUSED}. */
  enter(): number {
    for (;;) {
      const word = Atomics.load(this.#ints, INTS.word);
      const state = stateOf(word);
      if (state === 'closed') return word;
      const nowMs = this.#ports.nowMs();
      if (state === 'half-open') return this.#probes.admit(generationOf(word), nowMs) ? word : this.#refuse();
      if (nowMs < (this.#floats[FLOATS.openUntil] ?? 0)) return this.#refuse();
      this.#probes.begin(nowMs);
      this.#change(word, 'half-open', levelOf(word));
    }
  }

  /** Takes in what became of one that was let in. What began before the last change says nothing of the time after it. */
  leave(ticket: number, verdict: Verdict): void {
    if (Atomics.load(this.#ints, INTS.word) !== ticket) return;
    if (stateOf(ticket) === 'closed') {
      if (verdict !== 'nothing') this.#count(ticket, verdict === 'failure');
    } else if (verdict === 'nothing') {
      this.#probes.giveBack(generationOf(ticket));
    } else {
      this.#noteProbe(ticket, verdict === 'failure');
    }
  }

  /** Whether everybody may pass, and nobody is a probe. */
  get isClosed(): boolean {
    return stateOf(Atomics.load(this.#ints, INTS.word)) === 'closed';
  }

  /** Until somebody may pass again: 0 when that depends on others. */
  get remainingMs(): number {
    if (stateOf(Atomics.load(this.#ints, INTS.word)) !== 'open') return 0;
    return Math.max(0, (this.#floats[FLOATS.openUntil] ?? 0) - this.#ports.nowMs());
  }

  #refuse(): number {
    Atomics.add(this.#ints, INTS.refused, 1);
    this.#ports.tally.refused();
    return REFUSED;
  }

  #count(word: number, isFailure: boolean): void {
    const nowMs = this.#ports.nowMs();
    this.#window.count(isFailure, nowMs);
    // It is a failure that opens it, never a success that makes the requests enough.
    if (!isFailure) return;
    const requests = this.#window.requests(nowMs);
    if (requests < this.#config.minimumRequests) return;
    const failures = this.#window.failures(nowMs);
    if (100 * failures < this.#config.failureRate * requests) return;
    // One that opens again soon after it has closed was closed too early.
    const isSoon = nowMs - (this.#floats[FLOATS.changedAt] ?? 0) < this.#config.windowMs;
    const level = isSoon && generationOf(word) > 0 ? levelOf(word) + 1 : 0;
    this.#open(word, level, { kind: 'failure-rate', requests, failures });
  }

  #noteProbe(word: number, isFailure: boolean): void {
    const nowMs = this.#ports.nowMs();
    const result = this.#probes.note(generationOf(word), isFailure, nowMs);
    if (result === 'failed') {
      this.#open(word, levelOf(word) + 1, { kind: 'probe-failed', requests: 1, failures: 1 });
    } else if (result === 'recovered') {
      // Before it closes: nobody counts in the window now.
      this.#window.clear();
      this.#change(word, 'closed', levelOf(word));
    }
  }

  #open(
    word: number,
    level: number,
    cause: { readonly kind: BreakerCause; readonly requests: number; readonly failures: number },
  ): void {
    const atLevel = Math.min(level, MAX_LEVEL);
    // Before it opens, so that who sees it open sees these. If several open it at once they hardly differ.
    this.#floats[FLOATS.openUntil] = this.#ports.nowMs() + this.#openForMs(atLevel);
    Atomics.store(this.#ints, INTS.cause, CAUSES.indexOf(cause.kind));
    Atomics.store(this.#ints, INTS.causeRequests, cause.requests);
    Atomics.store(this.#ints, INTS.causeFailures, cause.failures);
    this.#change(word, 'open', atLevel);
  }

  /** With some chance in it, or all gateways would try again in the same moment. */
  #openForMs(level: number): number {
    const { openForMs, maxOpenMs } = this.#config;
    const spread = 1 + JITTER * (2 * this.#ports.random.unit() - 1);
    return Math.min(openForMs * 2 ** level * spread, maxOpenMs);
  }

  /** Of all who see the same reason for a change, one makes it. */
  #change(word: number, state: BreakerState, level: number): void {
    const after = nextWord(word, state, level);
    if (Atomics.compareExchange(this.#ints, INTS.word, word, after) !== word) return;
    this.#floats[FLOATS.changedAt] = this.#ports.nowMs();
    Atomics.add(this.#ints, INTS.changes, 1);
    this.#ports.tally.changed(state);
  }
}

const JITTER = 0.2;
