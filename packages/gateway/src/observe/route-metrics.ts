import { ERRORS } from '../core/errors.ts';
import {
  CACHE_RESULTS,
  type CacheResult,
  type ExchangeRecord,
  type FoundTrace,
  type LostAttempt,
} from '../core/exchange.ts';
import { ATTEMPT_OUTCOMES, RETRY_CAUSES, type MetricName } from './catalogue.ts';
import { histogramLayout } from './histogram-layout.ts';
import { addTo } from './metric-handles.ts';
import type { SeriesTable } from './series-table.ts';

/** Counts the exchanges of one route and service. The caller keeps it: nothing is looked up per request. */
export class RouteMetrics {
  readonly #table: SeriesTable;
  readonly #labels: Readonly<Record<'route' | 'service', string>>;
  /** First slots of the rows, or -1 before they are needed: a route that nobody asks for takes no room. */
  #requests = -1;
  #duration = -1;
  #inFlight = -1;
  #requestBytes = -1;
  #responseBytes = -1;
  #attempts = -1;
  #upstreamDuration = -1;
  #addedLatency = -1;
  #requestSize = -1;
  #responseSize = -1;
  #grpcCalls = -1;
  #cache = -1;
  #cacheBytes = -1;

  /** Of the other services that answered for it: sides of a split, and fallbacks. */
  readonly #others = new Map<string, RouteMetrics>();

  constructor(table: SeriesTable, route: string, service: string) {
    this.#table = table;
    this.#labels = { route: route === '' ? NO_ROUTE : route, service };
  }

  /** An exchange has found its route. {@link record} must follow, once. */
  begin(): void {
    if (this.#requests < 0) this.#allocate();
    addTo(this.#table.slots, this.#inFlight, 1);
  }

  /** The exchange is over. It is counted for the service that it went to; under way it was with the first of the route. */
  record(record: ExchangeRecord, durationMs: number, trace: FoundTrace | null = null): void {
    if (this.#requests < 0) this.#allocate();
    addTo(this.#table.slots, this.#inFlight, -1);
    const { service } = record;
    if (service === '' || service === this.#labels.service) this.#count(record, durationMs, trace);
    else this.#other(service).#count(record, durationMs, trace);
  }

  #other(service: string): RouteMetrics {
    let other = this.#others.get(service);
    if (other === undefined) {
      other = new RouteMetrics(this.#table, this.#labels.route, service);
      this.#others.set(service, other);
    }
    return other;
  }

  #count(record: ExchangeRecord, durationMs: number, trace: FoundTrace | null): void {
    if (this.#requests < 0) this.#allocate();
    const { slots } = this.#table;
    addTo(slots, this.#requests + statusClass(record.status), 1);
    this.#observe(this.#duration, durationMs / 1000, trace);
    addTo(slots, this.#requestBytes, record.requestBytes);
    addTo(slots, this.#responseBytes, record.responseBytes);
    if (record.attempts > 0) this.#recordUpstream(record, trace);
    if (record.grpcStatus >= 0) this.#recordGrpc(record.grpcStatus);
    if (record.cache !== '') this.#recordCache(record.cache, record.responseBytes);
    if (record.code !== '') addTo(slots, this.#table.slot('turnpike_errors_total', { code: record.code }), 1);
  }

  #recordUpstream(record: ExchangeRecord, trace: FoundTrace | null): void {
    if (this.#attempts < 0) this.#allocateUpstream();
    const { slots, memory } = this.#table;
    addTo(slots, this.#attempts + lastOutcome(record), 1);
    if (record.attempts > 1) addTo(slots, this.#attempts + RETRIED, record.attempts - 1);
    if (record.upstreamMs >= 0) {
      const addedMs = record.repliedMs - record.upstreamMs;
      this.#observe(this.#upstreamDuration, record.upstreamMs / 1000, trace);
      if (record.repliedMs >= 0) this.#observe(this.#addedLatency, addedMs / 1000, trace);
    }
    memory.observe(this.#requestSize, BYTES, record.requestBytes);
    memory.observe(this.#responseSize, BYTES, record.responseBytes);
    if (record.lost !== null || record.unretried !== '' || record.hedge !== '') this.#recordRetries(record);
  }

  #observe(row: number, value: number, trace: FoundTrace | null): void {
    const { memory } = this.#table;
    const bucket = memory.observe(row, SECONDS, value);
    if (trace !== null) memory.exemplars.put({ row, bucket, value, trace });
  }

  #recordGrpc(status: number): void {
    if (this.#grpcCalls < 0) this.#grpcCalls = this.#table.slot('turnpike_grpc_calls_total', this.#labels);
    addTo(this.#table.slots, this.#grpcCalls + status, 1);
  }

  #recordCache(result: CacheResult, bytes: number): void {
    if (this.#cache < 0) {
      this.#cache = this.#table.slot('turnpike_cache_requests_total', this.#labels);
      this.#cacheBytes = this.#table.slot('turnpike_cache_bytes_served_total', this.#labels);
    }
    const { slots } = this.#table;
    addTo(slots, this.#cache + CACHE_RESULTS.indexOf(result), 1);
    if (result !== 'miss' && result !== 'pass') addTo(slots, this.#cacheBytes, bytes);
  }

  #recordRetries({ lost, unretried, hedge }: ExchangeRecord): void {
    const { slots } = this.#table;
    const { service } = this.#labels;
    for (const attempt of lost ?? []) {
      const cause = causeOf(attempt);
      if (cause === null) continue;
      addTo(slots, this.#table.slot('turnpike_upstream_retries_total', { service, cause }), 1);
    }
    if (unretried !== '') {
      const labels = { service, reason: unretried };
      addTo(slots, this.#table.slot('turnpike_upstream_retries_refused_total', labels), 1);
    }
    if (hedge !== '')
      addTo(slots, this.#table.slot('turnpike_upstream_hedges_total', { service, outcome: hedge }), 1);
  }

  #allocateUpstream(): void {
    const slotOf = (name: MetricName): number => this.#table.slot(name, this.#labels);
    this.#attempts = slotOf('turnpike_upstream_attempts_total');
    this.#upstreamDuration = slotOf('turnpike_upstream_duration_seconds');
    this.#addedLatency = slotOf('turnpike_added_latency_seconds');
    this.#requestSize = slotOf('turnpike_upstream_request_size_bytes');
    this.#responseSize = slotOf('turnpike_upstream_response_size_bytes');
  }

  #allocate(): void {
    this.#requests = this.#table.slot('turnpike_requests_total', this.#labels);
    this.#duration = this.#table.slot('turnpike_request_duration_seconds', this.#labels);
    this.#inFlight = this.#table.slot('turnpike_requests_in_flight', this.#labels);
    this.#requestBytes = this.#table.slot('turnpike_request_bytes_total', this.#labels);
    this.#responseBytes = this.#table.slot('turnpike_response_bytes_total', this.#labels);
  }
}

/** Why there was an attempt after this one; null: it was beside it, or is none that is counted. */
function causeOf({ next, outcome }: LostAttempt): (typeof RETRY_CAUSES)[number] | null {
  if (next === 'hedge') return null;
  if (next !== 'retry') return next;
  if (typeof outcome === 'string') {
    if (outcome === 'UPSTREAM_TIMEOUT') return 'timeout';
    return Object.hasOwn(ERRORS, outcome) ? 'reset' : 'grpc';
  }
  return RETRY_CAUSES.find((cause) => cause === String(outcome)) ?? null;
}

/** Index in `STATUS_CLASSES`: the first digit of the code, or 0. */
function statusClass(status: number): number {
  return status >= 100 && status < 600 ? Math.trunc(status / 100) : 0;
}

/** Index in `ATTEMPT_OUTCOMES` of the last attempt; those before it were retried. */
function lastOutcome({ code, fallbackFor, upstreamMs }: ExchangeRecord): number {
  if (code === '') return fallbackFor !== null && upstreamMs < 0 ? FAILED : ANSWERED;
  return ERRORS[code].fault === 'client' ? ABANDONED : FAILED;
}

const SECONDS = histogramLayout('seconds');
const BYTES = histogramLayout('_bytes');
const ANSWERED = ATTEMPT_OUTCOMES.indexOf('answered');
const FAILED = ATTEMPT_OUTCOMES.indexOf('failed');
const RETRIED = ATTEMPT_OUTCOMES.indexOf('retried');
const ABANDONED = ATTEMPT_OUTCOMES.indexOf('abandoned');

/** Label of what matched no route; an empty label would mean no label. */
const NO_ROUTE = '__none__';
