/** What is exported: each has its own address at the collector. */
export const OTLP_SIGNALS = ['traces', 'logs', 'metrics'] as const;

export type OtlpSignal = (typeof OTLP_SIGNALS)[number];

/**
 * Items of one signal on their way to the collector: entries of the repeated field of their scope (spans, log records, metrics),
 * one after the other. Such bytes may be joined as they are, so what threads made needs no second look.
 */
export interface OtlpBatch {
  readonly signal: OtlpSignal;
  readonly items: number;
  readonly bytes: Uint8Array;
}

/** Field of the items in their scope: the same in `ScopeSpans`, `ScopeLogs` and `ScopeMetrics`. */
export const ITEM_FIELD = 2;

/** What became of items. Full: there was no room for more. Failed: nobody took them in time. Rejected: the collector did not want them. */
export const OTLP_OUTCOMES = ['exported', 'full', 'failed', 'rejected'] as const;

export type OtlpOutcome = (typeof OTLP_OUTCOMES)[number];
