import type { EjectionReason } from '../core/endpoint-health.ts';
import type { OtlpBatch, OtlpOutcome, OtlpSignal } from '../core/otlp-batch.ts';
import { systemClock } from '../core/ports.ts';
import { metricsBuffer } from '../observe/metric-memory.ts';
import { ThreadMetrics } from '../observe/metrics.ts';
import { otlpMetricBatches, otlpMetrics } from '../observe/otlp-metrics.ts';
import { expositionFormat } from '../observe/negotiate-exposition.ts';
import { SeriesBook, type Family, type Reading, type ThreadSnapshot } from '../observe/series-book.ts';
import { processSampler, sampleThread } from '../observe/samplers.ts';
import type { SeatView } from './seat.ts';

/** What a scraper gets. */
export interface MetricsAnswer {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** What the supervisor itself counts, and the exposition of all that is counted. */
export class SupervisorMetrics {
  readonly #buffer = metricsBuffer(CAPACITY);
  readonly #book = new SeriesBook();
  readonly #startedAtMs = systemClock.epoch();
  readonly #metrics = new ThreadMetrics(this.#buffer);
  readonly #restarts = this.#metrics.counter('turnpike_thread_restarts_total', {});
  readonly #revision = this.#metrics.gauge('turnpike_config_revision', {});
  readonly #appliedAt = this.#metrics.gauge('turnpike_config_last_reload_success_timestamp_seconds', {});
  readonly #sampleProcess: () => void;
  readonly #stopSampling: () => void;

  constructor(version: string) {
    this.#sampleProcess = processSampler(this.#metrics, version);
    this.#stopSampling = sampleThread(this.#metrics);
    this.#metrics.counter('turnpike_config_reloads_total', { result: 'failure' }).add(0);
  }

  threadDied(): void {
    this.#restarts.add(1);
  }

  applied(revision: number, epochMs: number): void {
    this.#metrics.counter('turnpike_config_reloads_total', { result: 'success' }).add(1);
    this.#revision.set(revision);
    this.#appliedAt.set(epochMs / 1000);
  }

  reloadFailed(): void {
    this.#metrics.counter('turnpike_config_reloads_total', { result: 'failure' }).add(1);
  }

  ejected(service: string, reason: EjectionReason, count: number): void {
    this.#metrics.counter('turnpike_endpoint_ejections_total', { service, reason }).add(count);
  }

  certificateOrdered(certificate: string, result: 'success' | 'failure'): void {
    this.#metrics.counter('turnpike_acme_orders_total', { certificate, result }).add(1);
  }

  healthChecked(service: string, problem: string | null): void {
    const result = problem === null ? 'success' : 'failure';
    this.#metrics.counter('turnpike_health_checks_total', { service, result }).add(1);
  }

  cacheRestored(result: 'restored' | 'outdated' | 'left-out', count: number): void {
    this.#metrics.counter('turnpike_cache_restored_total', { result }).add(count);
  }

  cacheSaved(result: 'saved' | 'failed'): void {
    this.#metrics.counter('turnpike_cache_saves_total', { result }).add(1);
  }

  exported(signal: OtlpSignal, outcome: OtlpOutcome, items: number): void {
    this.#metrics.counter('turnpike_telemetry_items_total', { signal, outcome }).add(items);
  }

  alertTold(outcome: 'delivered' | 'refused' | 'dropped'): void {
    this.#metrics.counter('turnpike_alert_messages_total', { outcome }).add(1);
  }

  /**
   * Everything at this moment; `views` are the threads that there are, `threads` what was counted in any, `readings` what is
   * known besides.
   */
  families(
    threads: readonly ThreadSnapshot[],
    views: readonly SeatView[],
    readings: readonly Reading[],
  ): readonly Family[] {
    for (const state of ['starting', 'ready', 'draining'] as const) {
      const count = views.filter((view) => view.state === state).length;
      this.#metrics.gauge('turnpike_threads', { state }).set(count);
    }
    this.#sampleProcess();
    return this.#book.families([...threads, { thread: 'supervisor', buffer: this.#buffer }], readings);
  }

  /** The same in the format that a client wants most, by its `Accept`. */
  exposition(accept: string, families: readonly Family[]): MetricsAnswer {
    const { contentType, write } = expositionFormat(accept);
    return { contentType, body: write(families, () => this.#book.exemplars()) };
  }

  /** The same for a collector. */
  batches(families: readonly Family[]): readonly OtlpBatch[] {
    const times = { startMs: this.#startedAtMs, timeMs: systemClock.epoch() };
    return otlpMetricBatches(otlpMetrics(families, this.#book.exemplars(), times));
  }

  stop(): void {
    this.#stopSampling();
  }
}

/** Some dozen series, two rows for each of 4,000 services, and what every metric needs for its overflow. */
const CAPACITY = { rows: 8192, slots: 40_000, octaves: 0, textBytes: 256 * 1024, exemplars: 0 };
