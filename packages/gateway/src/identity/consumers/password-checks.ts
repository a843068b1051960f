import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/ports.ts';
import { Remembered } from '../../core/remembered.ts';
import type { BasicCredentials } from './consumers.ts';
import { isSlowPassword, type SlowHash } from './password-hash.ts';

/** What is known of a password; `busy`: too many others wait to be verified. */
export type Verdict = 'right' | 'wrong' | 'busy';

/** How long a verdict is good. */
const REMEMBERED_MS = 60_000;
const REMEMBERED = 10_000;
/** Slow hashes computed at once. All threads share the four of libuv's pool, and so do files and names. */
const AT_ONCE = 2;
/** Those that wait for it: a few seconds of work, more would only time out. */
const MAX_WAITING = 64;

/**
 * Verifies slow hashes off the event loop, a few at a time, each password once a minute. One a thread, for as long as it
 * lives: if a reload made all callers prove themselves again at the same moment, most would be turned away.
 */
export class PasswordChecks {
  readonly #clock: Clock;
  /** What is remembered cannot be turned back into passwords, in this process or in a core dump without it. */
  readonly #secret = randomBytes(32);
  // Apart, so that nobody can push right ones out by guessing.
  readonly #right = new Remembered<number>(REMEMBERED);
  readonly #wrong = new Remembered<number>(REMEMBERED);
  readonly #underWay = new Map<string, Promise<Verdict>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was found out within the last minute, or null. */
  recall(hash: SlowHash, credentials: BasicCredentials): Verdict | null {
    return this.#known(this.#nameOf(hash, credentials));
  }

  /** Whether the password belongs to the hash. Those who ask the same at the same time share the work. */
  verify(hash: SlowHash, credentials: BasicCredentials): Promise<Verdict> {
    const name = this.#nameOf(hash, credentials);
    const known = this.#known(name);
    if (known !== null) return Promise.resolve(known);
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    if (this.#waiting.length >= MAX_WAITING) return Promise.resolve('busy');
    const verdict = this.#compute(name, hash, credentials.password);
    this.#underWay.set(name, verdict);
    return verdict;
  }

  /** A number below `n` for a user name: always the same in this process, and nobody outside can tell which. */
  indexFor(username: string, n: number): number {
    return createHmac('sha256', this.#secret).update(username).digest().readUInt32BE(0) % n;
  }

  async #compute(name: string, hash: SlowHash, password: string): Promise<Verdict> {
    try {
      await this.#turn();
      const isRight = await isSlowPassword(hash, password);
      (isRight ? this.#right : this.#wrong).set(name, this.#clock.now() + REMEMBERED_MS);
      return isRight ? 'right' : 'wrong';
    } finally {
      this.#underWay.delete(name);
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** Resolves when one more may run: at once, or in the place of one that is done. */
  async #turn(): Promise<void> {
    if (this.#running < AT_ONCE) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #known(name: string): Verdict | null {
    const nowMs = this.#clock.now();
    if ((this.#right.get(name) ?? 0) > nowMs) return 'right';
    return (this.#wrong.get(name) ?? 0) > nowMs ? 'wrong' : null;
  }

  /** The hash is in it, so that a new password in the configuration is asked for at once. */
  #nameOf({ text }: SlowHash, { username, password }: BasicCredentials): string {
    return createHmac('sha256', this.#secret)
      .update(`${text}\n${username}\n`)
      .update(password)
      .digest('base64');
  }
}
