import type { Random } from '../../core/random.ts';
import type { EndpointSource, SourceEvents, SourcePorts } from './endpoint-source.ts';
import { ANSWER_TIMEOUT_MS } from './registry-answer.ts';

/**
 * Watches a registry for as long as it can: lists, then waits for changes. Calls `proven` whenever it got good answers. Ends
 * when it has to begin anew, which is no failure; rejects when it failed, or the signal said stop.
 */
export type Round = (signal: AbortSignal, proven: () => void) => Promise<void>;

/** Runs round after round until it is closed, with growing pauses while they fail. */
export function steadySource(round: Round, events: SourceEvents, ports: SourcePorts): EndpointSource {
  return new SteadySource(round, events, ports);
}

/** How long to wait after so many failures in a row: 0.2 s to 30 s, random within a range that doubles. */
export function backoffMs(failures: number, random: Random): number {
  const longest = Math.min(2 * SHORTEST_PAUSE_MS * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS);
  return SHORTEST_PAUSE_MS + (longest - SHORTEST_PAUSE_MS) * random.unit();
}

class SteadySource implements EndpointSource {
  readonly #round: Round;
  readonly #events: SourceEvents;
  readonly #ports: SourcePorts;
  readonly #running: Promise<void>;
  #current = new AbortController();
  #startedAtMs = 0;
  #isPausing = false;
  #failures = 0;
  #isClosed = false;

  constructor(round: Round, events: SourceEvents, ports: SourcePorts) {
    this.#round = round;
    this.#events = events;
    this.#ports = ports;
    this.#running = this.#run();
  }

  refresh(): void {
    // A look that is so young is as good as a new one; and many ask while much is broken.
    const leastMs = this.#isPausing ? REFRESH_SPACING_MS : REFRESH_ROUND_MS;
    if (this.#ports.clock.now() - this.#startedAtMs >= leastMs) this.#current.abort();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#current.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Whoever opens the source has it in hands before the first event.
    await Promise.resolve();
    while (!this.#isClosed) {
      this.#current = new AbortController();
      this.#startedAtMs = this.#ports.clock.now();
      const { signal } = this.#current;
      await this.#try(signal);
      await this.#pause(signal);
    }
  }

  /** One round. */
  async #try(signal: AbortSignal): Promise<void> {
    this.#failures++;
    try {
      await this.#round(signal, () => (this.#failures = 0));
    } catch (error) {
      if (!signal.aborted) this.#events.failed(problemOf(error));
    }
  }

  /** Also after rounds that ended well: a registry that ends each of them at once must not keep us busy. */
  async #pause(signal: AbortSignal): Promise<void> {
    this.#isPausing = true;
    try {
      await this.#ports.pause(backoffMs(this.#failures, this.#ports.random), signal);
    } catch {
      // Somebody wants us to look again, or to end.
    }
    this.#isPausing = false;
  }
}

function problemOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, MAX_PROBLEM_LENGTH).replaceAll(/\p{C}+/gu, ' ');
}

const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
const REFRESH_SPACING_MS = 5000;
/** Who hangs must be found out first: to ask him again would hide that, and the next server would never have its turn. */
const REFRESH_ROUND_MS = ANSWER_TIMEOUT_MS + REFRESH_SPACING_MS;
const MAX_PROBLEM_LENGTH = 300;
