import type { EndpointSource, FoundEndpoint, SourceEvents, SourcePorts } from './endpoint-source.ts';
import { inTime } from './in-time.ts';

/** What one look at DNS gave. */
export interface LookResult {
  /** Whether it is an answer; if not, there is a problem. */
  readonly isFresh: boolean;
  readonly endpoints: readonly FoundEndpoint[];
  readonly ttlMs: number;
  readonly problem: string;
}

/** Looks once. It has to end soon when the signal says so. */
export type Look = (signal: AbortSignal) => Promise<LookResult>;

/** Looks at DNS again and again: shortly before what it knows runs out, and with growing pauses while there is no answer. */
export class DnsSource implements EndpointSource {
  readonly #look: Look;
  readonly #events: SourceEvents;
  readonly #ports: SourcePorts;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  /** Ends the pause that is under way. */
  #awake = new AbortController();
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(look: Look, events: SourceEvents, ports: SourcePorts) {
    this.#look = look;
    this.#events = events;
    this.#ports = ports;
    this.#running = this.#run();
  }

  refresh(): void {
    this.#awake.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('it was closed'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      this.#awake = new AbortController();
      this.#lookedAtMs = this.#ports.clock.now();
      const result = await this.#lookInTime(signal);
      if (signal.aborted) return;
      failures = result.isFresh ? 0 : failures + 1;
      if (result.isFresh) this.#events.found(result.endpoints, '');
      else this.#events.failed(result.problem);
      await this.#rest(failures === 0 ? this.#untilRunsOutMs(result.ttlMs) : this.#retryMs(failures));
    }
  }

  async #lookInTime(signal: AbortSignal): Promise<LookResult> {
    try {
      return await inTime(this.#ports.pause, LONGEST_LOOK_MS, signal, this.#look);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { isFresh: false, endpoints: [], ttlMs: 0, problem };
    }
  }

  /** Waits, unless somebody wants a look; but there is at most one a second. */
  async #rest(ms: number): Promise<void> {
    const { clock } = this.#ports;
    await this.#pause(ms, AbortSignal.any([this.#closing.signal, this.#awake.signal]));
    const tooSoonMs = this.#lookedAtMs + SHORTEST_MS - clock.now();
    if (tooSoonMs > 0) await this.#pause(tooSoonMs, this.#closing.signal);
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#ports.pause(ms, signal).catch(() => {}); // somebody wants a look, or it is closed
  }

  /** Before it ends, so that there is never a moment without; with jitter, so that gateways do not ask together. */
  #untilRunsOutMs(ttlMs: number): number {
    const boundedMs = Math.min(Math.max(ttlMs, SHORTEST_MS), LONGEST_MS);
    return Math.max(SHORTEST_MS, boundedMs * (0.85 + 0.1 * this.#ports.random.unit()));
  }

  #retryMs(failures: number): number {
    const growingMs = Math.min(SHORTEST_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
    return growingMs * (0.75 + 0.25 * this.#ports.random.unit());
  }
}

const SHORTEST_MS = 1000;
const LONGEST_MS = 300_000;
const LONGEST_RETRY_MS = 30_000;
/** Names that have many others behind them must not keep it busy for ever. */
const LONGEST_LOOK_MS = 30_000;
