import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log } from '../core/ports.ts';
import { savedAlertsFile, savedAlertsOf, type SavedAlert } from '../observe/alerts/saved-alert.ts';
import { readSavedJson, writeSavedJson } from '../upstream/discover/saved-json.ts';

/** What {@link AlertMemory} works with. */
export interface AlertMemoryPorts {
  readonly stateDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What alerts must know after a restart, in a file of the state directory: at once when something was told, else every minute. Never
 * fatal: without a disk alerts work as well, and begin anew with each process.
 */
export class AlertMemory {
  readonly #ports: AlertMemoryPorts;
  readonly #path: string;
  #writing: Promise<void> | null = null;
  #written = '[]';
  #writtenAtMs = -Infinity;
  #lastProblem = '';

  constructor(ports: AlertMemoryPorts) {
    this.#ports = ports;
    this.#path = join(ports.stateDirectory, 'alerts.json');
  }

  /** What an earlier process has left; nothing, and a line in the log, if that cannot be read. */
  async load(): Promise<readonly SavedAlert[]> {
    try {
      const saved = await this.#read();
      this.#written = essenceOf(saved);
      return saved;
    } catch (error) {
      const about = { path: this.#path, error };
      this.#ports.log.warn('what is known of alerts cannot be read: they begin anew', about);
      return [];
    }
  }

  /** Writes it if it is time for it, and no write is under way. */
  offer(alerts: readonly SavedAlert[]): void {
    const isLate = alerts.length > 0 && this.#ports.clock.now() - this.#writtenAtMs >= INTERVAL_MS;
    if (this.#writing !== null || (!isLate && essenceOf(alerts) === this.#written)) return;
    this.#writing = this.#write(alerts).finally(() => (this.#writing = null));
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  /** Writes it for the last time. */
  async close(alerts: readonly SavedAlert[]): Promise<void> {
    await this.idle();
    if (alerts.length > 0 || this.#written !== '[]') await this.#write(alerts);
  }

  async #read(): Promise<readonly SavedAlert[]> {
    const found = await stat(this.#path).catch(() => null);
    if (found !== null && found.size > MOST_BYTES) throw new Error('it is too large to be ours');
    const value = await readSavedJson(this.#path);
    const saved = value === undefined ? [] : savedAlertsOf(value);
    if (saved === null) throw new Error('it is not what this version writes');
    return saved;
  }

  async #write(alerts: readonly SavedAlert[]): Promise<void> {
    try {
      this.#writtenAtMs = this.#ports.clock.now();
      await writeSavedJson(this.#path, savedAlertsFile(alerts));
      this.#written = essenceOf(alerts);
      this.#lastProblem = '';
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const problem = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (problem !== this.#lastProblem)
      this.#ports.log.warn('what is known of alerts could not be saved', { path: this.#path, problem });
    this.#lastProblem = problem;
  }
}

/** What is written at once when it changes. */
function essenceOf(alerts: readonly SavedAlert[]): string {
  return JSON.stringify(alerts.map(({ name, meaning, firing, told }) => [name, meaning, firing, told]));
}

const INTERVAL_MS = 60_000;
/** 10 kB an alert are usual. */
const MOST_BYTES = 32 * 1024 * 1024;
