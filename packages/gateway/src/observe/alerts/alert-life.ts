import type { AlertConfig, AlertSeverity } from '@turnpike/config';
import type { ALERT_STATES } from '../catalogue.ts';
import type { Clock } from '../../core/ports.ts';
import type { Finding } from './finding.ts';
import type { SavedFiring } from './saved-alert.ts';

/** How an alert does. */
export type AlertState = (typeof ALERT_STATES)[number];

/** What people are told. */
export interface AlertNews {
  readonly kind: 'firing' | 'resolved';
  readonly severity: AlertSeverity;
  readonly startedAtMs: number;
  readonly text: string;
  readonly value: number | null;
}

/** An alert from the first sign of trouble to its end, and on. */
export class AlertLife {
  readonly #clock: Clock;
  readonly #isHushed: () => boolean;
  #config: AlertConfig;
  #badSinceMs: number | null = null;
  #goodSinceMs: number | null = null;
  #firing: { severity: AlertSeverity; readonly startedAtMs: number } | null = null;
  /** What people believe. */
  #told: AlertNews | null = null;
  /** The same as far as it has arrived. */
  #arrived: AlertNews | null = null;
  #last: Finding = { severity: null, value: null, text: '' };

  /** `isHushed`: whether somebody has asked for silence while the gateway runs. */
  constructor(config: AlertConfig, clock: Clock, isHushed: () => boolean) {
    this.#config = config;
    this.#clock = clock;
    this.#isHushed = isHushed;
  }

  /** The same alert, perhaps with other times of silence. */
  use(config: AlertConfig): void {
    this.#config = config;
  }

  /** Goes on where an earlier process stood. */
  restore({ firing, told }: { readonly firing: SavedFiring | null; readonly told: AlertNews | null }): void {
    this.#firing = firing === null ? null : { ...firing };
    this.#told = told;
    this.#arrived = told;
  }

  /** Somebody has it, or will never take it. */
  settled(news: AlertNews): void {
    this.#arrived = news.kind === 'firing' ? news : null;
  }

  /** What has arrived of what was told: after a restart the rest is told again. */
  get arrived(): AlertNews | null {
    return this.#arrived;
  }

  get state(): AlertState {
    if (this.#firing !== null) return this.#isSilenced ? 'silenced' : 'firing';
    return this.#badSinceMs === null ? 'quiet' : 'pending';
  }

  get last(): Finding {
    return this.#last;
  }

  get firing(): SavedFiring | null {
    return this.#firing;
  }

  /** Takes in what was found; gives what people have to be told, once for each thing that changes for them. */
  see(finding: Finding): AlertNews | null {
    this.#last = finding;
    if (finding.severity === null) this.#isWell();
    else this.#isBad(finding.severity);
    return this.#firing === null ? this.#end(finding.text) : this.#tell(this.#firing);
  }

  /** Nobody looks any more; gives what people have to be told. */
  end(): AlertNews | null {
    this.#firing = null;
    return this.#end('the alert is no longer in the configuration, or is another one now');
  }

  #isBad(severity: AlertSeverity): void {
    const nowMs = this.#clock.now();
    this.#goodSinceMs = null;
    this.#badSinceMs ??= nowMs;
    const { when } = this.#config;
    const forMs = when.kind === 'threshold' ? when.forMs : 0;
    if (nowMs - this.#badSinceMs < forMs) return;
    this.#firing ??= { severity, startedAtMs: this.#clock.epoch() };
    // It may get worse; that it gets better is told when it is over.
    if (severity === 'page') this.#firing.severity = severity;
  }

  /** What comes and goes around a bound is one alert, not many. */
  #isWell(): void {
    const nowMs = this.#clock.now();
    this.#badSinceMs = null;
    if (this.#firing === null) return;
    this.#goodSinceMs ??= nowMs;
    if (nowMs - this.#goodSinceMs >= CALM_MS) this.#firing = null;
  }

  #tell(firing: SavedFiring): AlertNews | null {
    if (this.#isSilenced || this.#told?.severity === firing.severity) return null;
    const { text, value } = this.#last;
    this.#told = { kind: 'firing', ...firing, text, value };
    return this.#told;
  }

  /** Who was told of the beginning hears of the end, also in times of silence. */
  #end(text: string): AlertNews | null {
    if (this.#told === null) return null;
    const news: AlertNews = { ...this.#told, kind: 'resolved', text, value: this.#last.value };
    this.#told = null;
    return news;
  }

  get #isSilenced(): boolean {
    const epochMs = this.#clock.epoch();
    return (
      this.#isHushed() || this.#config.silence.some(({ fromMs, toMs }) => fromMs <= epochMs && epochMs < toMs)
    );
  }
}

/** So long all must be well before it is over. */
export const CALM_MS = 120_000;
