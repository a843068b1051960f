import type { DecisionTrace, TracedStep } from '../core/decision-trace.ts';
import type { ExchangeRecord, LostAttempt } from '../core/exchange.ts';
import type { TapWish } from '../core/live-tap.ts';
import type { Candidate } from '../match/explain-match.ts';

/** What somebody wants to watch. */
export interface TapOrder {
  readonly wish: TapWish;
  /** CEL over `line`, or null. */
  readonly filter: string | null;
}

/** Where lines go. */
export interface TapSink {
  /** Whether what was written has been taken. */
  isReady(): boolean;
  write(text: string): void;
}

/** Somebody watches. */
export interface TapWatch {
  /** There is room again. */
  drained(): void;
  /** Nobody watches any more. */
  end(): void;
}

/** What came of an order. */
export type TapStart =
  | { readonly kind: 'open'; readonly begin: (sink: TapSink) => TapWatch }
  | { readonly kind: 'bad-filter'; readonly problem: string }
  /** Enough people watch already. */
  | { readonly kind: 'full' };

/** Why a request got its reply. Plain JSON. */
export interface TraceView {
  readonly id: string;
  readonly request: Pick<DecisionTrace, 'method' | 'host' | 'path' | 'listener'> & { readonly id: string };
  readonly reply: {
    readonly status: number;
    /** Of an error of Turnpike, or `''`. */
    readonly code: string;
    readonly durationMs: number;
    /** The stage that made it, if it is ours. */
    readonly answeredBy: string;
    /** As a path in the configuration of the route, or `''`. */
    readonly rule: string;
    /** File and line of the route. */
    readonly place: string;
  };
  readonly route: { readonly id: string; readonly place: string };
  /** Most specific first. */
  readonly candidates: readonly Candidate[];
  readonly steps: readonly TracedStep[];
  readonly upstream: Pick<
    ExchangeRecord,
    'service' | 'endpoint' | 'picked' | 'attempts' | 'unretried' | 'hedge' | 'cache' | 'fallbackFor'
  > & {
    /** Attempts that did not give the answer. */
    readonly lost: readonly LostAttempt[];
    readonly upstreamMs: number | null;
  };
}

/** Requests as they end, and why they ended so. */
export interface LivePort {
  /** The trace of a request of the last minute, or null. */
  trace(id: string): TraceView | null;
  open(order: TapOrder): Promise<TapStart>;
}
