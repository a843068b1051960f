import type { TracesConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { TRACING } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';
import type { Clock } from '../../core/ports.ts';
import type { Random } from '../../core/random.ts';
import {
  boundedBaggage,
  parseTraceParent,
  RANDOM,
  SAMPLED,
  type TraceParent,
} from '../../core/trace-context.ts';
import { traceIds } from '../../core/trace-ids.ts';
import { SILENT_CALLER, Trace, type TraceCaller, type TraceHome } from '../../core/trace.ts';
import type { OtlpOutbox } from '../otlp/otlp-outbox.ts';
import { writeAttemptSpan } from './attempt-span.ts';
import { writePolicySpan } from './policy-span.ts';
import { sampler, type Sampler } from './sampler.ts';
import { isError, writeServerSpan, type Telling } from './server-span.ts';

/** Traces as a thread makes them. */
export interface TracesPlan extends TracesConfig {
  /** Whether there is a collector; without one trace context goes on, and nothing is written down. */
  readonly isExported: boolean;
}

/** What a tracer works with. */
export interface TracerPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Takes spans that are over. */
  readonly outbox: Pick<OtlpOutbox, 'add'>;
}

/** What traces know of a route. */
export interface TracedRoute {
  /** Its path pattern, or `''`. */
  readonly pattern: string;
  readonly isSampled: Sampler;
}

/**
 * Gives exchanges their traces, and tells their spans when they are over.
 *
 * Who is believed decides whether a trace is sampled; others begin one here, which is linked to theirs. Spans of what was not
 * sampled are told as well when the exchange failed or was slow, which is known only at its end.
 */
export class Tracer {
  readonly #plan: TracesPlan;
  readonly #ports: TracerPorts;
  readonly #home: TraceHome;
  /** Whether spans of traces that are not sampled may be told. */
  readonly #isKeeping: boolean;
  /** What the monotonic clock lacks to the wall clock. */
  #offsetMs = 0;

  constructor(plan: TracesPlan, ports: TracerPorts) {
    this.#plan = plan;
    this.#ports = ports;
    this.#home = { ids: traceIds(), nowMs: () => ports.clock.now() };
    this.#isKeeping = plan.always.errors || plan.always.slow;
  }

  /** What is kept for a route. */
  route(pattern: string): TracedRoute {
    return { pattern, isSampled: sampler(this.#plan, this.#ports.random) };
  }

  /** Gives an exchange its trace. Fields of the caller about traces are taken out: services get ours. */
  begin(exchange: Exchange, route: TracedRoute): void {
    const { pattern, isSampled } = route;
    if ((exchange.headers.flags & TRACING) !== 0) {
      this.#goOn(exchange, route);
      return;
    }
    const flags = this.#flags(isSampled, exchange);
    exchange.trace = new Trace(this.#home, {
      id: '',
      flags,
      caller: SILENT_CALLER,
      route: pattern,
      isRecorded: this.#isRecorded(flags),
    });
  }

  /** An exchange that has a trace is over. */
  ended(exchange: Exchange, trace: Trace, endedAtMs: number): void {
    if (!trace.isRecorded) return;
    const kept = (trace.flags & SAMPLED) === 0 ? this.#reasonToKeep(exchange, endedAtMs) : '';
    if (kept === null) return;
    trace.isTold = true;
    this.#setWall();
    const telling: Telling = { exchange, trace, endedAtMs, kept, offsetMs: this.#offsetMs };
    const { outbox } = this.#ports;
    outbox.add(writeServerSpan, telling);
    trace.ended(endedAtMs);
    for (const policy of trace.policies ?? [])
      outbox.add(writePolicySpan, { policy, spanId: this.#home.ids.span(), telling });
    for (const attempt of trace.attempts ?? []) outbox.add(writeAttemptSpan, { attempt, telling });
  }

  #goOn(exchange: Exchange, { pattern, isSampled }: TracedRoute): void {
    const { headers } = exchange;
    const isBelieved = this.#believes(exchange);
    const sent = parentOf(headers);
    const parent = isBelieved ? sent : null;
    const caller: TraceCaller = {
      parentId: parent?.parentId ?? '',
      state: parent === null ? '' : (headers.getList('tracestate') ?? ''),
      baggage: isBelieved ? baggageOf(headers) : '',
      link: isBelieved ? null : sent,
    };
    headers.deleteFlagged(TRACING);
    const flags = parent?.flags ?? this.#flags(isSampled, exchange);
    exchange.trace = new Trace(this.#home, {
      id: parent?.traceId ?? '',
      flags,
      caller,
      route: pattern,
      isRecorded: this.#isRecorded(flags),
    });
  }

  /** Of a trace that begins here. */
  #flags(isSampled: Sampler, { startedAtMs }: Exchange): number {
    return isSampled(startedAtMs) ? RANDOM | SAMPLED : RANDOM;
  }

  #believes({ fromTrustedProxy }: Exchange): boolean {
    const { trust } = this.#plan;
    return trust === 'everybody' || (trust === 'proxies' && fromTrustedProxy);
  }

  #isRecorded(flags: number): boolean {
    return this.#plan.isExported && (this.#isKeeping || (flags & SAMPLED) !== 0);
  }

  /** Null: there is none. What is open by intention is not slow. */
  #reasonToKeep(exchange: Exchange, endedAtMs: number): Telling['kept'] | null {
    const { always, slowMs } = this.#plan;
    if (always.errors && isError(exchange)) return 'error';
    const isSlow = exchange.record.closed === '' && endedAtMs - exchange.startedAtMs >= slowMs;
    return always.slow && isSlow ? 'slow' : null;
  }

  /** A clock that was set shows; that two clocks are not read in the same moment does not. */
  #setWall(): void {
    const { clock } = this.#ports;
    const offsetMs = clock.epoch() - clock.now();
    if (Math.abs(offsetMs - this.#offsetMs) > SET_MS) this.#offsetMs = offsetMs;
  }
}

function parentOf(headers: Headers): TraceParent | null {
  const value = headers.getList('traceparent');
  return value === undefined ? null : parseTraceParent(value);
}

function baggageOf(headers: Headers): string {
  const value = headers.getList('baggage');
  return value === undefined ? '' : boundedBaggage(value);
}

/** A clock of which the other says less differently was not set. */
const SET_MS = 5;
