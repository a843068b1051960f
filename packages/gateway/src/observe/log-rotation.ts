import type { Log } from '../core/ports.ts';
import { lastWriteMs, moveIfDue, tidy, type RotatedFile } from './rotated-file.ts';

/** What rotation reaches the world through. */
export interface RotationPorts {
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Has everybody open the files anew; false: somebody could not, and still writes to the old one. */
  readonly reopen: () => Promise<boolean>;
}

interface Watched {
  readonly file: RotatedFile;
  /** When the file was begun; null: nobody has looked yet. */
  sinceMs: number | null;
  /** Old files wait to be tidied up. */
  isUntidy: boolean;
}

/**
 * Rotates log files, for all threads that write to them: gives the old one another name, has all open the new one, and
 * compresses the old when the last of them has. No line is lost or cut on the way, because a renamed file can still be written to.
 */
export class LogRotation {
  readonly #ports: RotationPorts;
  #watched: readonly Watched[] = [];
  #underWay: Promise<void> | null = null;
  /** Somebody may still write to an old file. */
  #isHeld = false;

  constructor(ports: RotationPorts) {
    this.#ports = ports;
  }

  /** Looks after these from now on. */
  use(files: readonly RotatedFile[]): void {
    const before = this.#watched;
    this.#watched = files.map((file) => {
      const known = before.find((one) => one.file.path === file.path);
      return { file, sinceMs: known?.sinceMs ?? null, isUntidy: true };
    });
  }

  /** Looks whether it is time, and does what is due; who asks meanwhile gets the same look. Never rejects. */
  look(): Promise<void> {
    this.#underWay ??= this.#lookNow().finally(() => (this.#underWay = null));
    return this.#underWay;
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#underWay;
  }

  async #lookNow(): Promise<void> {
    const watched = this.#watched;
    for (const one of watched) if (await this.#move(one)) this.#isHeld = true;
    if (this.#isHeld) this.#isHeld = !(await this.#ports.reopen());
    if (this.#isHeld) return;
    for (const one of watched) if (one.isUntidy) await this.#tidy(one);
  }

  async #move(one: Watched): Promise<boolean> {
    const { file } = one;
    const nowMs = this.#ports.nowMs();
    try {
      one.sinceMs ??= (await lastWriteMs(file.path)) ?? nowMs;
      if (!(await moveIfDue(file, one.sinceMs, nowMs))) return false;
    } catch (error) {
      this.#ports.log.warn('a log file cannot be rotated', { file: file.path, error });
      return false;
    }
    one.sinceMs = nowMs;
    one.isUntidy = true;
    return true;
  }

  async #tidy(one: Watched): Promise<void> {
    one.isUntidy = false;
    try {
      await tidy(one.file);
    } catch (error) {
      this.#ports.log.warn('old log files cannot be tidied up', { file: one.file.path, error });
    }
  }
}
