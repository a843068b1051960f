import type { AlertConfig } from '@turnpike/config';
import { ALERT_STATES } from '../catalogue.ts';
import type { Clock } from '../../core/ports.ts';
import type { Family, Reading } from '../series-book.ts';
import { AlertLife, type AlertNews, type AlertState } from './alert-life.ts';
import { lookOf, type Look } from './finding.ts';

/** An alert as the admin API shows it. */
export interface AlertView {
  readonly alert: string;
  readonly state: AlertState;
  readonly severity: string | null;
  /** A burn rate, or the value of the metric. */
  readonly value: number | null;
  readonly text: string;
  readonly firingSince: string | null;
}

interface Entry {
  readonly config: AlertConfig;
  /** Tells whether a later configuration means the same. */
  readonly meaning: string;
  readonly look: Look;
  readonly life: AlertLife;
}

/** Called with what people have to be told. */
export type Tell = (alert: AlertConfig, news: AlertNews) => void;

/** All alerts: what they look at, and where they stand. */
export class AlertBook {
  readonly #clock: Clock;
  readonly #tell: Tell;
  #entries: readonly Entry[] = [];

  constructor(clock: Clock, tell: Tell) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Takes alerts into use. Those that stay what they were go on; those that are gone end. */
  use(alerts: readonly AlertConfig[]): void {
    const before = new Map(this.#entries.map((entry) => [entry.meaning, entry]));
    this.#entries = alerts.map((config) => {
      const meaning = JSON.stringify(config);
      const known = before.get(meaning);
      before.delete(meaning);
      return known ?? { config, meaning, look: lookOf(config), life: new AlertLife(config, this.#clock) };
    });
    for (const { config, life } of before.values()) this.#pass(config, life.end());
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Looks at the metrics of this moment. */
  look(families: readonly Family[]): void {
    for (const { config, look, life } of this.#entries)
      this.#pass(config, life.see(look(families, this.#clock.now())));
  }

  get views(): readonly AlertView[] {
    return this.#entries.map(({ config, life }) => ({
      alert: config.name,
      state: life.state,
      severity: life.firing?.severity ?? null,
      value: life.last.value,
      text: life.last.text,
      firingSince: life.firing === null ? null : new Date(life.firing.startedAtMs).toISOString(),
    }));
  }

  get readings(): readonly Reading[] {
    return this.#entries.map(({ config, life }) => ({
      name: 'turnpike_alerts',
      labels: { alert: config.name },
      values: ALERT_STATES.map((state) => (state === life.state ? 1 : 0)),
    }));
  }

  #pass(config: AlertConfig, news: AlertNews | null): void {
    if (news !== null) this.#tell(config, news);
  }
}
