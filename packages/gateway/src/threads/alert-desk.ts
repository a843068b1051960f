import { hostname } from 'node:os';
import type { AlertConfig } from '@turnpike/config';
import { systemClock, type Log } from '../core/ports.ts';
import { random, unpredictableSeed } from '../core/random.ts';
import { HttpClient } from '../identity/http/http-client.ts';
import { systemTimers } from '../identity/providers/clockwork.ts';
import { AlertBook, type AlertView } from '../observe/alerts/alert-book.ts';
import type { AlertNews } from '../observe/alerts/alert-life.ts';
import { alertMessage } from '../observe/alerts/alert-message.ts';
import { WebhookQueue, type WebhookPorts } from '../observe/alerts/webhook-queue.ts';
import type { SavedAlert } from '../observe/alerts/saved-alert.ts';
import { silenceView, type SilenceView } from '../observe/alerts/silence.ts';
import type { Family, Reading } from '../observe/series-book.ts';
import type { AlertMemory } from './alert-memory.ts';
import type { SilenceDesk, SilenceWish } from './silence-desk.ts';

/** What the desk works with. */
export interface AlertDeskPorts {
  readonly log: Log;
  /** All metrics at this moment. */
  readonly gather: () => readonly Family[];
  readonly count: WebhookPorts['count'];
  /** What outlives a restart. */
  readonly memory: Pick<AlertMemory, 'load' | 'offer' | 'close'>;
  readonly silences: SilenceDesk;
}

/** Looks at alerts in the main thread now and then, and tells those who want to hear of them. Without alerts it does nothing. */
export class AlertDesk {
  readonly #ports: AlertDeskPorts;
  readonly #http = new HttpClient();
  readonly #book: AlertBook;
  readonly #queues = new Map<string, WebhookQueue>();
  /** Of an earlier process, until the first alerts are in use. */
  #saved: readonly SavedAlert[] = [];
  #stopWaiting: () => void = () => {};

  constructor(ports: AlertDeskPorts) {
    this.#ports = ports;
    this.#book = new AlertBook(
      systemClock,
      (...told) => this.#tell(...told),
      (alert) => ports.silences.of(alert),
    );
  }

  get views(): readonly AlertView[] {
    return this.#book.views;
  }

  get silences(): readonly SilenceView[] {
    return this.#ports.silences.list.map(silenceView);
  }

  /** Silences an alert; what was told stays told. */
  async silence(wish: SilenceWish): Promise<SilenceView | 'full' | 'away'> {
    const outcome = await this.#ports.silences.add(wish);
    return outcome.kind === 'silenced' ? silenceView(outcome.silence) : outcome.kind;
  }

  /** Ends a silence: what still fires is told with the next look. */
  end(id: string): Promise<'ended' | 'unknown' | 'away'> {
    return this.#ports.silences.end(id);
  }

  get readings(): readonly Reading[] {
    return this.#book.readings;
  }

  /** Reads what an earlier process has left: to be called before the first alerts are in use. */
  async open(): Promise<void> {
    [this.#saved] = await Promise.all([this.#ports.memory.load(), this.#ports.silences.open()]);
  }

  /** Takes alerts into use, and looks at once: what was counted before is no matter of theirs. */
  use(alerts: readonly AlertConfig[]): void {
    this.#stopWaiting();
    this.#book.use(alerts);
    this.#restore();
    for (const [url, queue] of this.#queues)
      if (queue.isIdle && alerts.every(({ webhook }) => webhook.secret !== url)) this.#queues.delete(url);
    this.#look();
    if (this.#book.isEmpty) this.#ports.memory.offer([]);
  }

  /** What is to be told is told, for a moment. */
  async close(): Promise<void> {
    this.#stopWaiting();
    await Promise.all(Array.from(this.#queues.values(), (queue) => queue.close(CLOSE_GRACE_MS)));
    await this.#http.close();
    await this.#ports.memory.close(this.#book.saved);
  }

  #restore(): void {
    for (const { name } of this.#book.restore(this.#saved))
      this.#ports.log.warn('an alert that was told of is gone since the restart, and with it who was told', {
        alert: name,
      });
    this.#saved = [];
  }

  /** In the supervisor nothing may end because of an alert. */
  #look(): void {
    if (this.#book.isEmpty) return;
    try {
      this.#book.look(this.#ports.gather());
    } catch (error) {
      this.#ports.log.error('alerts were not looked at', { error });
    }
    this.#ports.memory.offer(this.#book.saved);
    this.#stopWaiting = systemTimers.after(INTERVAL_MS, () => this.#lookAgain());
  }

  /** Nothing of this waits: what other gateways were told counts from the next look on. */
  #lookAgain(): void {
    void this.#ports.silences.refresh();
    this.#look();
  }

  #tell(alert: AlertConfig, news: AlertNews, settled: () => void): void {
    const { log } = this.#ports;
    const { kind, severity, text } = news;
    log.warn(kind === 'firing' ? 'an alert fires' : 'an alert is over', {
      alert: alert.name,
      severity,
      text,
    });
    const message = alertMessage(alert, news, { source: hostname(), epochMs: systemClock.epoch() });
    this.#queue(alert.webhook.secret).add(message, settled);
  }

  #queue(url: string): WebhookQueue {
    let queue = this.#queues.get(url);
    if (queue === undefined) this.#queues.set(url, (queue = new WebhookQueue(url, this.#webhookPorts)));
    return queue;
  }

  get #webhookPorts(): WebhookPorts {
    const { log, count } = this.#ports;
    return {
      post: (url, request) =>
        this.#http.request(url, { ...request, method: 'POST', maxBytes: MAX_ANSWER_BYTES }),
      after: (ms, callBack) => systemTimers.after(ms, callBack),
      clock: systemClock,
      random: random(unpredictableSeed()),
      log,
      count,
    };
  }
}

const INTERVAL_MS = 15_000;
const CLOSE_GRACE_MS = 2000;
const MAX_ANSWER_BYTES = 64 * 1024;
