import type { ErrorCode } from './errors.ts';
import { traceParent, traceState, type TraceParent } from './trace-context.ts';
import type { TraceIds } from './trace-ids.ts';

/** How an attempt begins. */
export type AttemptStart = Pick<
  AttemptSpan,
  'method' | 'path' | 'origin' | 'version' | 'service' | 'resends' | 'startedAtMs'
>;

/** One try at an endpoint, as a span. */
export class AttemptSpan {
  readonly id: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** Scheme, host and port of its endpoint. */
  readonly origin: string;
  /** Of HTTP. */
  readonly version: string;
  readonly service: string;
  /** Attempts before it. */
  readonly resends: number;
  /** On the monotonic clock, as all times here. */
  readonly startedAtMs: number;
  /** 0 until it is over. */
  endedAtMs = 0;
  /** Of its answer, or 0. */
  status = 0;
  /** Why there was none, or it broke off; or `''`. */
  error: ErrorCode | '' = '';

  constructor(id: string, begun: AttemptStart) {
    this.id = id;
    this.method = begun.method;
    this.path = begun.path;
    this.origin = begun.origin;
    this.version = begun.version;
    this.service = begun.service;
    this.resends = begun.resends;
    this.startedAtMs = begun.startedAtMs;
  }

  /** Its head has come. */
  answered(status: number, nowMs: number): void {
    this.status = status;
    this.endedAtMs = nowMs;
  }

  failed(error: ErrorCode, nowMs: number): void {
    this.error = error;
    this.endedAtMs = nowMs;
  }
}

/** Something that happened on the way: we refused, or tried again. */
export interface TraceEvent {
  readonly name: 'turnpike.refused' | 'turnpike.retried';
  readonly atMs: number;
  /** What it was: a code, or the status that was not good enough. */
  readonly what: string;
  /** Why, or by which rule, or `''`. */
  readonly why: string;
}

/** What all traces of a thread have in common. */
export interface TraceHome {
  readonly ids: TraceIds;
  readonly nowMs: () => number;
}

/** What a caller said of traces, as far as it is believed. */
export interface TraceCaller {
  /** Its span, or `''`. */
  readonly parentId: string;
  /** `tracestate`, or `''`. */
  readonly state: string;
  /** Or `''`. */
  readonly baggage: string;
  /** Its span, if it is not believed. */
  readonly link: TraceParent | null;
}

/** Of a caller who said nothing. */
export const SILENT_CALLER: TraceCaller = Object.freeze({ parentId: '', state: '', baggage: '', link: null });

/** What a trace begins with. */
export type TraceStart = Pick<Trace, 'id' | 'flags' | 'caller' | 'route' | 'isRecorded'>;

/** The trace that an exchange belongs to, and what its spans will say. Exchanges have one where traces are configured. */
export class Trace {
  readonly #home: TraceHome;
  readonly id: string;
  readonly flags: number;
  readonly caller: TraceCaller;
  /** The path pattern of the route, or `''`. */
  readonly route: string;
  /** Whether anything is written down, because its spans are told, or may be. */
  readonly isRecorded: boolean;
  /** Of the exchange itself. */
  readonly spanId: string;
  /** Null as long as nothing was written down. */
  attempts: AttemptSpan[] | null = null;
  events: TraceEvent[] | null = null;
  /** Its spans were told, at the end. */
  isTold = false;

  constructor(home: TraceHome, start: TraceStart) {
    this.#home = home;
    this.id = start.id;
    this.flags = start.flags;
    this.caller = start.caller;
    this.route = start.route;
    this.isRecorded = start.isRecorded;
    this.spanId = home.ids.span();
  }

  /** The id of the span of an attempt that begins. */
  newSpanId(): string {
    return this.#home.ids.span();
  }

  /** Writes an attempt down; null: nobody would ever read it. */
  attempt(id: string, begun: AttemptStart): AttemptSpan | null {
    if (!this.isRecorded) return null;
    const span = new AttemptSpan(id, begun);
    const attempts = (this.attempts ??= []);
    if (attempts.length < MOST_ATTEMPTS) attempts.push(span);
    return span;
  }

  /** Writes down what happened: we refused, or try again. */
  note(name: TraceEvent['name'], what: string, why: string): void {
    if (!this.isRecorded) return;
    const events = (this.events ??= []);
    if (events.length < MOST_EVENTS) events.push({ name, atMs: this.#home.nowMs(), what, why });
  }

  /** The fields that tell a service of its parent, as lines of a message. */
  lines(spanId: string): string {
    const parent = `traceparent: ${traceParent(this.id, spanId, this.flags)}\r\n`;
    return this.caller === SILENT_CALLER ? parent : parent + this.#callersLines();
  }

  #callersLines(): string {
    const { state, baggage } = this.caller;
    return (
      (state === '' ? '' : `tracestate: ${traceState(state, this.spanId)}\r\n`) +
      (baggage === '' ? '' : `baggage: ${baggage}\r\n`)
    );
  }
}

const MOST_ATTEMPTS = 16;
const MOST_EVENTS = 32;
