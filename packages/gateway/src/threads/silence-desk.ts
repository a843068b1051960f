import { randomUUID } from 'node:crypto';
import type { AcmeStorage } from '../acme/acme-storage.ts';
import type { Clock, Log } from '../core/ports.ts';
import { type Silence, silencesOf, silencesText } from '../observe/alerts/silence.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** What the desk works with. */
export interface SilenceDeskPorts {
  /** On this machine. */
  readonly own: AcmeStorage;
  /** Where the gateways of a fleet look; null: this one is alone. */
  readonly shared: AcmeStorage | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** A silence that somebody asks for. */
export interface SilenceWish {
  readonly alert: string;
  readonly reason: string;
  readonly author: string;
  readonly forMs: number;
}

/** What became of a wish. `away`: where silences are kept cannot be reached or is being written, and nothing has changed. */
export type SilenceOutcome =
  | { readonly kind: 'silenced'; readonly silence: Silence }
  | { readonly kind: 'full' }
  | { readonly kind: 'away' };

/**
 * Which alerts nobody wants to hear of for now. Kept in the database where there is one, so that all gateways of a fleet know, and
 * on this machine, so that a restart knows without the database.
 */
export class SilenceDesk {
  readonly #ports: SilenceDeskPorts;
  readonly #inTurn = oneAtATime();
  #silences: readonly Silence[] = [];
  #kept = '';
  #lastProblem = '';

  constructor(ports: SilenceDeskPorts) {
    this.#ports = ports;
  }

  /** Reads what is kept here: to be called before the first alerts are looked at. Waits for no database. */
  async open(): Promise<void> {
    await this.#read(this.#ports.own);
    void this.refresh();
  }

  /** Those that are not over. */
  get list(): readonly Silence[] {
    const nowMs = this.#ports.clock.epoch();
    return this.#silences.filter(({ untilMs }) => nowMs < untilMs);
  }

  /** The one of an alert that lasts longest; null: everybody wants to hear of it. */
  of(alert: string): Silence | null {
    const own = this.list.filter((one) => one.alert === alert);
    return own.toSorted((a, b) => b.untilMs - a.untilMs)[0] ?? null;
  }

  /** Hears what other gateways were told. */
  async refresh(): Promise<void> {
    const { shared } = this.#ports;
    if (shared !== null) await this.#inTurn(() => this.#read(shared));
  }

  /** From now on, and in all gateways that share the database with the next look at their alerts. */
  async add({ alert, reason, author, forMs }: SilenceWish): Promise<SilenceOutcome> {
    const fromMs = this.#ports.clock.epoch();
    const silence = { id: randomUUID(), alert, reason, author, fromMs, untilMs: fromMs + forMs };
    let isFull = false;
    const isDone = await this.#change((silences) => {
      isFull = silences.length >= MOST_SILENCES;
      return isFull ? silences : [...silences, silence];
    });
    if (!isDone) return { kind: 'away' };
    return isFull ? { kind: 'full' } : { kind: 'silenced', silence };
  }

  /** Ends one before its time. */
  async end(id: string): Promise<'ended' | 'unknown' | 'away'> {
    let isKnown = false;
    const isDone = await this.#change((silences) => {
      isKnown = silences.some((one) => one.id === id);
      return silences.filter((one) => one.id !== id);
    });
    if (!isDone) return 'away';
    return isKnown ? 'ended' : 'unknown';
  }

  /** Writes under a lock, because other gateways may write as well; false: it could not. */
  #change(edit: (silences: readonly Silence[]) => readonly Silence[]): Promise<boolean> {
    const storage = this.#ports.shared ?? this.#ports.own;
    return this.#inTurn(async () => {
      try {
        const lease = await storage.lock(NAME, LEASE_MS);
        if (lease === null) return false;
        try {
          if (!(await this.#read(storage))) return false;
          await this.#take(edit(this.list), storage);
        } finally {
          await lease.release();
        }
        return true;
      } catch (error) {
        this.#complain(error);
        return false;
      }
    });
  }

  async #take(silences: readonly Silence[], storage: AcmeStorage): Promise<void> {
    const text = silencesText(silences);
    await storage.write(NAME, text);
    this.#silences = silences;
    if (storage.isShared) await this.#keep(text);
  }

  async #read(storage: AcmeStorage): Promise<boolean> {
    try {
      const text = await storage.read(NAME);
      const silences = silencesOf(text);
      if (silences === null) throw new Error('what is kept is not what this version writes');
      this.#silences = silences;
      const isKept = text === null || !storage.isShared || (await this.#keep(text));
      if (isKept) this.#lastProblem = '';
      return true;
    } catch (error) {
      this.#complain(error);
      return false;
    }
  }

  /** For a start without the database. What all gateways know is so, whether this one can keep it or not. */
  async #keep(text: string): Promise<boolean> {
    try {
      if (text !== this.#kept) await this.#ports.own.write(NAME, text);
      this.#kept = text;
      return true;
    } catch (error) {
      this.#complain(error);
      return false;
    }
  }

  /** What is known stays good; a problem that lasts is told once. */
  #complain(error: unknown): void {
    const problem = String(error);
    if (problem !== this.#lastProblem)
      this.#ports.log.warn('silences of alerts cannot be read or written', { error });
    this.#lastProblem = problem;
  }
}

const NAME = 'alert-silences';
const LEASE_MS = 5000;
const MOST_SILENCES = 100;
