import type { ErrorCode } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { traceState, type TraceParent } from './trace-context.ts';
import { parentLine, traceOf, type TraceIds } from './trace-ids.ts';

/** Where an attempt goes. */
export interface AttemptTarget {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Of HTTP. */
  readonly version: string;
}

/** One try at an endpoint, as a span. */
export class AttemptSpan {
  /** The line that told the service of it; its id is cut out only if anybody wants it. */
  readonly line: string;
  readonly target: AttemptTarget;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly service: string;
  /** Attempts before it. */
  readonly resends: number;
  /** On the monotonic clock, as all times here. */
  startedAtMs = 0;
  /** 0 until it is over. */
  endedAtMs = 0;
  /** Of its answer, or 0. */
  status = 0;
  /** Why there was none, or it broke off; or `''`. */
  error: ErrorCode | '' = '';

  constructor(line: string, exchange: Exchange, target: AttemptTarget) {
    this.line = line;
    this.target = target;
    this.method = exchange.targetMethod;
    this.path = exchange.targetPath;
    this.service = exchange.record.service;
    this.resends = exchange.record.attempts;
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

/** The time that a policy had an exchange, as a span. */
export interface PolicySpan {
  /** As in ARCHITECTURE.md. */
  readonly stage: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What it refused the exchange with, or `''`. */
  readonly code: ErrorCode | '';
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
export interface TraceStart extends Pick<Trace, 'flags' | 'caller' | 'route' | 'isRecorded'> {
  /** Of a trace that goes on; `''`: it begins here. */
  readonly id: string;
}

/** The trace that an exchange belongs to, and what its spans will say. Exchanges have one where traces are configured. */
export class Trace {
  readonly #home: TraceHome;
  readonly flags: number;
  readonly caller: TraceCaller;
  /** The path pattern of the route, or `''`. */
  readonly route: string;
  /** Whether anything is written down, because its spans are told, or may be. */
  readonly isRecorded: boolean;
  /** Null as long as nothing was written down. */
  attempts: AttemptSpan[] | null = null;
  policies: PolicySpan[] | null = null;
  events: TraceEvent[] | null = null;
  /** Its spans were told, at the end. */
  isTold = false;
  /** What tells a service of the last attempt, or of the first, which is still to come. */
  #line: string;
  #isFirst = true;
  #spanId = '';
  /** The policy that has the exchange, or `''`; and since when. */
  #stage = '';
  #stageAtMs = 0;

  constructor(home: TraceHome, { id, flags, caller, route, isRecorded }: TraceStart) {
    this.#home = home;
    this.flags = flags;
    this.caller = caller;
    this.route = route;
    this.isRecorded = isRecorded;
    this.#line = id === '' ? home.ids.line(flags) : parentLine(id, home.ids.span(), flags);
  }

  get id(): string {
    return traceOf(this.#line);
  }

  /** Of the exchange itself. */
  get spanId(): string {
    return (this.#spanId ||= this.#home.ids.span());
  }

  /** The fields that tell a service that the next attempt is its parent, as lines of a message. */
  nextLines(): string {
    if (this.#isFirst) this.#isFirst = false;
    else this.#line = this.#home.ids.nextLine(this.#line, this.flags);
    return this.caller === SILENT_CALLER ? this.#line : this.#line + this.#callersLines();
  }

  /** Writes down the attempt whose lines were given last; null: nobody would ever read it. */
  attempt(exchange: Exchange, target: AttemptTarget): AttemptSpan | null {
    if (!this.isRecorded) return null;
    const span = new AttemptSpan(this.#line, exchange, target);
    if (this.attempts === null) this.attempts = [span];
    else if (this.attempts.length < MOST_ATTEMPTS) this.attempts.push(span);
    return span;
  }

  /** A policy gets the exchange. */
  entered(stage: string): void {
    if (!this.isRecorded) return;
    this.#stage = stage;
    this.#stageAtMs = this.#home.nowMs();
  }

  /** It lets it through. That is written down if it took long enough to be seen. */
  passed(): void {
    if (this.#stage === '') return;
    const endedAtMs = this.#home.nowMs();
    if (endedAtMs - this.#stageAtMs >= LONG_MS) this.#left(endedAtMs, '');
    this.#stage = '';
  }

  /** The exchange is over: a policy that did not let it through has answered it. */
  ended(atMs: number): void {
    if (this.#stage !== '') this.#left(atMs, '');
    this.#stage = '';
  }

  /** Writes down that we refuse. */
  refused(code: ErrorCode, rule: string): void {
    if (!this.isRecorded) return;
    this.#note('turnpike.refused', code, rule);
    if (this.#stage !== '') this.#left(this.#home.nowMs(), code);
    this.#stage = '';
  }

  /** Writes down that we try again. */
  retried(outcome: string, cause: string): void {
    if (this.isRecorded) this.#note('turnpike.retried', outcome, cause);
  }

  #note(name: TraceEvent['name'], what: string, why: string): void {
    const events = (this.events ??= []);
    if (events.length < MOST_EVENTS) events.push({ name, atMs: this.#home.nowMs(), what, why });
  }

  #left(endedAtMs: number, code: ErrorCode | ''): void {
    const policies = (this.policies ??= []);
    if (policies.length < MOST_POLICIES)
      policies.push({ stage: this.#stage, startedAtMs: this.#stageAtMs, endedAtMs, code });
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
const MOST_POLICIES = 16;
/** What takes less has not waited for anybody. */
const LONG_MS = 0.1;
const MOST_EVENTS = 32;
