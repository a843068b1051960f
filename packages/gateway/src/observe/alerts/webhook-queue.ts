import type { Clock, Log } from '../../core/ports.ts';
import type { Random } from '../../core/random.ts';
import type { AlertMessage } from './alert-message.ts';

/** A request to somebody who wants to hear of alerts. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a queue reaches the world through. */
export interface WebhookPorts {
  /** Rejects if no answer came. */
  readonly post: (
    url: string,
    request: WebhookRequest,
  ) => Promise<{ readonly status: number; readonly headers: ReadonlyMap<string, string> }>;
  /** Calls back once, later; gives what calls it off. */
  readonly after: (ms: number, callBack: () => void) => () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly count: (outcome: 'delivered' | 'refused' | 'dropped') => void;
}

type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'later'; readonly problem: string; readonly afterMs: number };

interface Waiting {
  readonly message: AlertMessage;
  readonly settled: () => void;
  readonly sinceMs: number;
}

/**
 * Messages to one address, in their order, one at a time. What does not arrive is sent again with growing pauses for an hour;
 * of more than {@link MOST_WAITING} the oldest is dropped. Never throws. The address is a secret, and in no log.
 */
export class WebhookQueue {
  readonly #url: string;
  readonly #ports: WebhookPorts;
  readonly #waiting: Waiting[] = [];
  readonly #aborted = new AbortController();
  #sending: Promise<void> | null = null;
  #isClosing = false;
  #cutPause: () => void = () => {};

  constructor(url: string, ports: WebhookPorts) {
    this.#url = url;
    this.#ports = ports;
  }

  get isIdle(): boolean {
    return this.#sending === null;
  }

  /** `settled` is called when it was taken, or refused for good; not when it is dropped. */
  add(message: AlertMessage, settled: () => void): void {
    if (this.#waiting.length >= MOST_WAITING)
      this.#drop(this.#waiting.shift()?.message, 'there are too many');
    this.#waiting.push({ message, settled, sinceMs: this.#ports.clock.now() });
    this.#send();
  }

  /** What is left has one more try, in so much time at most. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#cutPause();
    const stop = this.#ports.after(graceMs, () => this.#aborted.abort());
    await this.#sending;
    stop();
  }

  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      await this.#deliver(next);
  }

  async #deliver({ message, settled, sinceMs }: Waiting): Promise<void> {
    const { clock, count, log } = this.#ports;
    for (let tries = 0; ; tries++) {
      const verdict = await this.#try(message);
      if (verdict.kind !== 'later') settled();
      if (verdict.kind === 'taken') return count('delivered');
      if (verdict.kind === 'refused') {
        log.error('a message about an alert was refused', { alert: message.alert, problem: verdict.problem });
        return count('refused');
      }
      const pauseMs = this.#pauseMs(tries, verdict.afterMs);
      if (this.#isClosing || clock.now() + pauseMs - sinceMs > KEPT_MS)
        return this.#drop(message, verdict.problem);
      if (tries === 0)
        log.warn('a message about an alert has to be sent again', {
          alert: message.alert,
          problem: verdict.problem,
        });
      await this.#pause(pauseMs);
    }
  }

  #drop(message: AlertMessage | undefined, problem: string): void {
    this.#ports.log.error('a message about an alert was dropped', { alert: message?.alert, problem });
    this.#ports.count('dropped');
  }

  async #try({ body }: AlertMessage): Promise<Verdict> {
    const { post, clock } = this.#ports;
    const headers = { 'content-type': 'application/json', 'user-agent': 'turnpike' };
    const { signal } = this.#aborted;
    try {
      const answer = await post(this.#url, { headers, body, timeoutMs: TIMEOUT_MS, signal });
      return verdictOf(answer.status, answer.headers.get('retry-after'), clock.epoch());
    } catch {
      // The reason names the address.
      return { kind: 'later', problem: 'no answer came', afterMs: 0 };
    }
  }

  /** Twice as long each time, a little apart from others; never shorter than the receiver asked. */
  #pauseMs(tries: number, afterMs: number): number {
    const backOffMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 20));
    return Math.max(afterMs, backOffMs * (0.8 + 0.4 * this.#ports.random.unit()));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#ports.after(ms, resolve);
      this.#cutPause = () => {
        stop();
        resolve();
      };
    });
  }
}

function verdictOf(status: number, retryAfter: string | undefined, epochMs: number): Verdict {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const problem = `the answer was ${status}`;
  if (status !== 408 && status !== 429 && status < 500) return { kind: 'refused', problem };
  return { kind: 'later', problem, afterMs: retryAfterMs(retryAfter, epochMs) };
}

/** Seconds, or a date (RFC 9110 §10.2.3); 0: it says nothing that can be read. */
function retryAfterMs(value: string | undefined, epochMs: number): number {
  if (value === undefined) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - epochMs);
}

const MOST_WAITING = 64;
const TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;
const KEPT_MS = 3_600_000;
