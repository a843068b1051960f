import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../core/ports.ts';

/**
 * What was learned of identity providers, on disk, so that a restart while one is away serves as before.
 *
 * Nothing here is ever fatal: without a disk to write to, Turnpike runs as well, and says so once. The files are for the
 * eyes of their owner, and each is the old one or the new one, never a part.
 */
export class StateFiles {
  readonly #directory: string;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();
  #lastProblem = '';

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** What was written last under a name, or null when there is nothing that can be read. Never rejects. */
  async read(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.#path(name), 'utf8'));
    } catch {
      return null; // never written, or damaged: it is learned anew
    }
  }

  /** Writes it after what was given before; resolves when it is on disk, or cannot be. Never rejects. */
  write(name: string, value: unknown): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(this.#path(name), JSON.stringify(value)));
    return this.#writing;
  }

  /** Resolves when everything that was given is on disk, or cannot be. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #write(path: string, text: string): Promise<void> {
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await writeFile(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
      await rename(temporary, path);
      this.#lastProblem = '';
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {}); // the first error says more
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const problem = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (problem !== this.#lastProblem)
      this.#log.warn('what is known of identity providers could not be saved', {
        directory: this.#directory,
        problem,
      });
    this.#lastProblem = problem;
  }

  #path(name: string): string {
    return join(this.#directory, `${name}.json`);
  }
}
