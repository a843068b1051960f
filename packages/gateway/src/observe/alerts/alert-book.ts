import { hash } from 'node:crypto';
import type { AlertConfig } from '@turnpike/config';
import { ALERT_STATES } from '../catalogue.ts';
import type { Clock } from '../../core/ports.ts';
import type { Family, Reading } from '../series-book.ts';
import { AlertLife, type AlertNews, type AlertState } from './alert-life.ts';
import { lookOf, type Look } from './finding.ts';
import type { SavedAlert } from './saved-alert.ts';
import { type Silence, type SilenceView, silenceView } from './silence.ts';

/** An alert as the admin API shows it. */
export interface AlertView {
  readonly alert: string;
  readonly state: AlertState;
  readonly severity: string | null;
  /** A burn rate, or the value of the metric. */
  readonly value: number | null;
  readonly text: string;
  readonly firingSince: string | null;
  /** What was asked for while the gateway runs; silences of the configuration are not here. */
  readonly silence: SilenceView | null;
}

interface Entry {
  readonly config: AlertConfig;
  /** Tells whether a later configuration means the same. */
  readonly meaning: string;
  readonly look: Look;
  readonly life: AlertLife;
}

/** Called with what people have to be told; `settled` is to be called when it has arrived, or was refused for good. */
export type Tell = (alert: AlertConfig, news: AlertNews, settled: () => void) => void;

/** All alerts: what they look at, and where they stand. */
export class AlertBook {
  readonly #clock: Clock;
  readonly #tell: Tell;
  readonly #silenceOf: (alert: string) => Silence | null;
  #entries: readonly Entry[] = [];

  constructor(clock: Clock, tell: Tell, silenceOf: (alert: string) => Silence | null) {
    this.#clock = clock;
    this.#tell = tell;
    this.#silenceOf = silenceOf;
  }

  /** Takes alerts into use. Those that stay what they were go on; those that are gone end. */
  use(alerts: readonly AlertConfig[]): void {
    const before = new Map(this.#entries.map((entry) => [entry.meaning, entry]));
    this.#entries = alerts.map((config) => {
      const meaning = meaningOf(config);
      const known = before.get(meaning);
      before.delete(meaning);
      known?.life.use(config);
      return known === undefined
        ? { config, meaning, look: lookOf(config), life: this.#lifeOf(config) }
        : { ...known, config };
    });
    for (const gone of before.values()) this.#pass(gone, gone.life.end());
  }

  /**
   * Goes on where an earlier process stood: to be called once, before the first look. Of an alert that is another one by now, who
   * was told hears of the end. Gives those that nobody can be told of, because they are gone with their address.
   */
  restore(saved: readonly SavedAlert[]): readonly SavedAlert[] {
    return saved.filter((one) => {
      const entry = this.#entries.find(({ config }) => config.name === one.name);
      if (entry === undefined) return one.told !== null;
      if (entry.meaning === one.meaning) {
        entry.life.restore(one);
        entry.look.restore(one.readings, this.#clock.now());
      } else if (one.told !== null) {
        entry.life.restore({ firing: null, told: one.told });
        this.#pass(entry, entry.life.end());
      }
      return false;
    });
  }

  /** What an alert must know to go on after a restart. */
  get saved(): readonly SavedAlert[] {
    return this.#entries.map(({ config: { name }, meaning, life, look }) => {
      return { name, meaning, firing: life.firing, told: life.arrived, readings: look.readings };
    });
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Looks at the metrics of this moment. */
  look(families: readonly Family[]): void {
    for (const entry of this.#entries)
      this.#pass(entry, entry.life.see(entry.look.at(families, this.#clock.now())));
  }

  get views(): readonly AlertView[] {
    return this.#entries.map(({ config, life }) => ({
      alert: config.name,
      silence: this.#silenceShown(config.name),
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

  #silenceShown(alert: string): SilenceView | null {
    const silence = this.#silenceOf(alert);
    return silence === null ? null : silenceView(silence);
  }

  #lifeOf(config: AlertConfig): AlertLife {
    return new AlertLife(config, this.#clock, () => this.#silenceOf(config.name) !== null);
  }

  #pass({ config, life }: Entry, news: AlertNews | null): void {
    if (news !== null) this.#tell(config, news, () => life.settled(news));
  }
}

/** A digest, because the address that it goes to is a secret. When nobody wants to hear of it may change. */
function meaningOf(config: AlertConfig): string {
  return hash('sha256', JSON.stringify({ ...config, silence: [] }));
}
