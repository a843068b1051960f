import type { OtlpBatch } from '../core/otlp-batch.ts';
import type { Log } from '../core/ports.ts';
import type { Timers } from '../identity/providers/clockwork.ts';
import type { Environment } from '../observe/otlp/otlp-settings.ts';

/** What pushing works with. */
export interface MetricPushPorts {
  readonly timers: Timers;
  readonly log: Log;
  /** All metrics at this moment. */
  readonly gather: () => readonly OtlpBatch[];
  readonly take: (batch: OtlpBatch) => void;
}

/** Hands all metrics to the exporter now and then, and once more at the end. */
export class MetricPush {
  readonly #ports: MetricPushPorts;
  #intervalMs: number | null = null;
  #stopWaiting: () => void = () => {};

  constructor(ports: MetricPushPorts) {
    this.#ports = ports;
  }

  /** Pushes so often from now on; null: not at all. */
  use(intervalMs: number | null): void {
    if (intervalMs === this.#intervalMs) return;
    this.#stopWaiting();
    this.#intervalMs = intervalMs;
    this.#wait();
  }

  /** What was counted last is pushed as well. */
  close(): void {
    if (this.#intervalMs !== null) this.#push();
    this.use(null);
  }

  #wait(): void {
    if (this.#intervalMs === null) return;
    this.#stopWaiting = this.#ports.timers.after(this.#intervalMs, () => {
      this.#push();
      this.#wait();
    });
  }

  /** In the supervisor nothing may end because of a metric. */
  #push(): void {
    const { gather, take, log } = this.#ports;
    try {
      for (const batch of gather()) take(batch);
    } catch (error) {
      log.error('metrics were not pushed', { error });
    }
  }
}

/** How often metrics are pushed: what the configuration says, then `OTEL_METRIC_EXPORT_INTERVAL`, then a minute. */
export function pushIntervalMs(written: number | null, environment: Environment): number {
  const fromEnvironment = Number(environment['OTEL_METRIC_EXPORT_INTERVAL']);
  return written ?? (fromEnvironment >= SHORTEST_MS ? fromEnvironment : USUAL_MS);
}

const USUAL_MS = 60_000;
const SHORTEST_MS = 1000;
