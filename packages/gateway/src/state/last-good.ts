import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isSame, type GatewayConfig } from '@turnpike/config';
import type { Log } from '../core/ports.ts';
import { makePrivateDirectory, readSnapshot, writeSnapshot, type SavedConfig } from './snapshot-file.ts';

/** A snapshot that was found, and what was wrong with newer ones. */
export interface FoundSnapshot {
  readonly path: string;
  readonly saved: SavedConfig;
}

/** How many snapshots are kept besides the newest, as `last-good.1.json` and so on. */
export const KEPT_SNAPSHOTS = 5;

/**
 * Keeps the configurations that were in use last, so that a gateway can start when its configuration cannot be read.
 *
 * Nothing here is ever fatal: on a read-only disk, Turnpike runs as well, and says once that it cannot keep them.
 * The caller takes out the secrets that are not needed as they are. Others, such as one in a header that a route must
 * have, are in the files in plain text: they are for the eyes of their owner.
 */
export class LastGood {
  readonly #directory: string;
  readonly #log: Log;
  #lastProblem = '';
  /** What stands in the newest file, once that is known. */
  #newest: GatewayConfig | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** Saves it after those that were given before; resolves when it is on disk, or cannot be. Never rejects. */
  save(snapshot: SavedConfig): Promise<void> {
    this.#writing = this.#writing.then(() => this.#save(snapshot));
    return this.#writing;
  }

  /** The newest snapshot that can be read, or `null`. Never rejects. */
  async find(): Promise<FoundSnapshot | null> {
    for (let age = 0; age <= KEPT_SNAPSHOTS; age++) {
      const path = this.#path(age);
      try {
        return { path, saved: await readSnapshot(path) };
      } catch (error) {
        if (codeOf(error) === 'ENOENT') continue;
        this.#log.warn('a saved configuration cannot be read', { path, error });
      }
    }
    return null;
  }

  async #save(snapshot: SavedConfig): Promise<void> {
    try {
      await makePrivateDirectory(this.#directory);
      if (await this.#isNewest(snapshot)) return;
      await setImmediate(); // health checks have their turn between
      await this.#makeRoom();
      this.#newest = null;
      await writeSnapshot(this.#path(0), snapshot);
      this.#newest = snapshot.config;
      this.#lastProblem = '';
    } catch (error) {
      const problem = codeOf(error); // the message has the name of a temporary file in it
      if (problem !== this.#lastProblem) {
        this.#log.warn('the configuration could not be saved as the last known good', {
          directory: this.#directory,
          error,
        });
      }
      this.#lastProblem = problem;
    }
  }

  /** Restarts with the same configuration must not push the others out. */
  async #isNewest({ config }: SavedConfig): Promise<boolean> {
    try {
      this.#newest ??= (await readSnapshot(this.#path(0))).config;
      return isSame(this.#newest, config);
    } catch {
      return false; // missing or damaged: it is going to be replaced
    }
  }

  /** Between here and the end of the write, the newest is `last-good.1.json`, which `find` finds. */
  async #makeRoom(): Promise<void> {
    for (let age = KEPT_SNAPSHOTS - 1; age >= 0; age--) {
      try {
        await rename(this.#path(age), this.#path(age + 1));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
  }

  #path(age: number): string {
    return join(this.#directory, age === 0 ? 'last-good.json' : `last-good.${age}.json`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
