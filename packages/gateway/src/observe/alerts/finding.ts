import type { AlertConfig, AlertSeverity, ObjectiveConfig, ThresholdConfig } from '@turnpike/config';
import type { Family } from '../series-book.ts';
import { burnRules, type BurnRule } from './burn-rates.ts';
import { CounterHistory, type Reading } from './counter-history.ts';
import { tallyOf, valuesOf } from './read-series.ts';

/** What an alert found when it looked. */
export interface Finding {
  /** null: all is well. */
  readonly severity: AlertSeverity | null;
  /** A burn rate (1 is what may be), or the value of a metric; null: there is none. */
  readonly value: number | null;
  /** For people. */
  readonly text: string;
}

/** Looks at the metrics, and remembers what it has seen before. */
export interface Look {
  /** At a monotonic time. */
  at(families: readonly Family[], nowMs: number): Finding;
  /** What it remembers, and can be given back. */
  readonly readings: readonly Reading[];
  /** Before it looks for the first time. */
  restore(readings: readonly Reading[], nowMs: number): void;
}

/** How an alert looks at metrics. */
export function lookOf({ when, severity }: AlertConfig): Look {
  if (when.kind === 'objective') return burnLook(when, burnRules(when, severity));
  return boundLook(when, severity ?? 'page');
}

function burnLook(objective: ObjectiveConfig, rules: readonly BurnRule[]): Look {
  const history = new CounterHistory();
  const budget = 1 - objective.objective;
  const rate = (windowMs: number): number => {
    const { bad, total } = history.gain(windowMs);
    return total > 0 ? bad / total / budget : 0;
  };
  const at: Look['at'] = (families, nowMs) => {
    history.put(tallyOf(objective, families), nowMs);
    const burning = rules.find(
      ({ factor, longMs, shortMs }) => rate(longMs) >= factor && rate(shortMs) >= factor,
    );
    const shown = burning ?? rules[0];
    const value = shown === undefined ? 0 : rounded(rate(shown.longMs));
    const overHours = (shown?.longMs ?? 0) / 3_600_000;
    const text = `${objective.of.kind} ${objective.of.id}: the budget of ${rounded(objective.objective * 100)}% burns ${value} times as fast as it may (over ${overHours} h)`;
    return { severity: burning?.severity ?? null, value, text };
  };
  return lookWith(history, at);
}

function boundLook(threshold: ThresholdConfig, severity: AlertSeverity): Look {
  const { metric, type, bound } = threshold;
  const history = new CounterHistory();
  const read = (families: readonly Family[], nowMs: number): number | null => {
    const values = valuesOf(threshold, families);
    if (type === 'counter') {
      history.put({ bad: 0, total: values.reduce((sum, one) => sum + one, 0) }, nowMs);
      const { total, elapsedMs } = history.gain(RATE_MS);
      return elapsedMs > 0 ? (total * 1000) / elapsedMs : null;
    }
    if (values.length === 0) return null;
    return values.reduce((worst, one) =>
      bound.side === 'above' ? Math.max(worst, one) : Math.min(worst, one),
    );
  };
  const at: Look['at'] = (families, nowMs) => {
    const found = read(families, nowMs);
    if (found === null) return { severity: null, value: null, text: `${metric}: nothing is known` };
    const isBeyond = bound.side === 'above' ? found > bound.value : found < bound.value;
    const value = rounded(found);
    const unit = type === 'counter' ? ' a second' : '';
    const text = `${metric} is ${value}${unit}, and should not be ${bound.side} ${bound.value}`;
    return { severity: isBeyond ? severity : null, value, text };
  };
  return lookWith(history, at);
}

function lookWith(history: CounterHistory, at: Look['at']): Look {
  return {
    at,
    get readings() {
      return history.readings;
    },
    restore: (readings, nowMs) => history.restore(readings, nowMs),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** Rates of counters are over this time. */
const RATE_MS = 300_000;
