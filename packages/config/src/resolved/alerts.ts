/** Something that people want to hear of. */
export interface AlertConfig {
  readonly name: string;
  readonly when: ObjectiveConfig | ThresholdConfig;
  /** null: of an objective that burns fast `page`, and slowly `ticket`. */
  readonly severity: AlertSeverity | null;
  /** Who is told. */
  readonly webhook: WebhookConfig;
  /** When nobody wants to be told. */
  readonly silence: readonly { readonly fromMs: number; readonly toMs: number }[];
}

/** Whether somebody is woken, or it can wait until the morning. */
export type AlertSeverity = 'page' | 'ticket';

/** A share of the requests that must be good; it alerts when what may fail is used up too fast. */
export interface ObjectiveConfig {
  readonly kind: 'objective';
  readonly of: { readonly kind: 'route' | 'service'; readonly id: string };
  /** From 0 to 1. */
  readonly objective: number;
  readonly windowMs: number;
  /** What takes longer is bad; null: answers from 500 on are. */
  readonly latencyMs: number | null;
}

/** A metric that is beyond a bound. */
export interface ThresholdConfig {
  readonly kind: 'threshold';
  readonly metric: string;
  readonly type: 'counter' | 'gauge';
  /** Series with all of these count. */
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly bound: { readonly side: 'above' | 'below'; readonly value: number };
  /** So long without a break. */
  readonly forMs: number;
}

/** Who is told of alerts. */
export interface WebhookConfig {
  readonly shape: 'generic' | 'slack' | 'pagerduty';
  /** The address: who knows it can write there. */
  readonly secret: string;
  /** PagerDuty's integration key. */
  readonly key: string | null;
}
