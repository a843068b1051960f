import type { Log } from '../../core/ports.ts';
import { random, unpredictableSeed } from '../../core/random.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Command, RedisClient } from './redis-client.ts';
import type { OpenRedis } from './redis-opener.ts';

/** A script, and the name that Redis gives it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/** A way to a store that can run scripts. */
export interface ScriptLink {
  readonly isUp: boolean;
  /** Rejects at once when there is no connection, and when it breaks. Waits as long as there is one. */
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Gives the connection up and makes another: to a server that hangs, a new one may lead elsewhere. */
  renew(): void;
  /** Waits for what is under way for at most `withinMs`. */
  close(withinMs: number): Promise<void>;
}

/** A way to a store that takes commands, too. They reject as scripts do. */
export interface CommandLink extends ScriptLink {
  /** Sends a command to where `key` is. */
  send(key: string, command: Command): Promise<unknown>;
  /** The same, for an answer of bytes that are no text. */
  sendForBytes(key: string, command: Command): Promise<unknown>;
}

/** What keeps time, and what is told. */
export interface LinkPorts {
  readonly timers: TimingWheel;
  readonly log: Log;
  /** Between two attempts to connect, at most. */
  readonly longestDelayMs?: number;
}

/** For one attempt, from the name of the host to the first answer. */
const ATTEMPT_MS = 3000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2000;

/** Connects in the background, and anew whenever that breaks, after 50 ms to 2 s with jitter. Nothing waits for it. */
export class RedisLink implements CommandLink {
  readonly #open: OpenRedis;
  readonly #ports: LinkPorts;
  readonly #random = random(unpredictableSeed());
  readonly #retry = new Deadline(() => void this.#attempt());
  #client: RedisClient | null = null;
  /** The last attempt; what earlier ones led to is over. */
  #attempted = new AbortController();
  #failures = 0;
  #isClosed = false;

  constructor(open: OpenRedis, ports: LinkPorts) {
    this.#open = open;
    this.#ports = ports;
    void this.#attempt();
  }

  get isUp(): boolean {
    return this.#client !== null;
  }

  async run({ text, sha }: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const client = this.#connection();
    const [key = ''] = keys;
    const rest = [`${keys.length}`, ...keys, ...args];
    try {
      return await client.send(key, ['EVALSHA', sha, ...rest]);
    } catch (error) {
      if (isAnswer(error, 'NOSCRIPT')) return client.send(key, ['EVAL', text, ...rest]);
      throw this.#noted(error);
    }
  }

  async send(key: string, command: Command): Promise<unknown> {
    return this.#connection()
      .send(key, command)
      .catch((error: unknown) => Promise.reject(this.#noted(error)));
  }

  async sendForBytes(key: string, command: Command): Promise<unknown> {
    return this.#connection()
      .sendForBytes(key, command)
      .catch((error: unknown) => Promise.reject(this.#noted(error)));
  }

  renew(): void {
    this.#client?.destroy();
    this.#lost(this.#attempted, new Error('it does not answer'));
  }

  close(withinMs: number): Promise<void> {
    const { timers } = this.#ports;
    const client = this.#client;
    this.#isClosed = true;
    this.#client = null;
    this.#attempted.abort();
    timers.remove(this.#retry);
    if (client === null) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const destroy = () => resolve(client.destroy());
    const tooLate = new Deadline(destroy);
    this.#wait(tooLate, withinMs);
    client.close().then(() => resolve(), destroy);
    return promise.finally(() => timers.remove(tooLate));
  }

  #connection(): RedisClient {
    if (this.#client === null) throw new Error('there is no connection to Redis');
    return this.#client;
  }

  /** A server that may not be written to was the master once: another connection leads to the one that is. */
  #noted(error: unknown): unknown {
    if (isAnswer(error, 'READONLY')) this.renew();
    return error;
  }

  async #attempt(): Promise<void> {
    const attempt = new AbortController();
    const tooLate = new Deadline(() => attempt.abort());
    this.#attempted = attempt;
    this.#wait(tooLate, ATTEMPT_MS);
    try {
      const lost = (error: Error) => this.#lost(attempt, error);
      this.#connected(await this.#open({ signal: attempt.signal, lost }));
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#ports.timers.remove(tooLate);
    }
  }

  #connected(client: RedisClient): void {
    if (this.#isClosed) return client.destroy();
    if (this.#failures > 0) this.#ports.log.info('redis can be reached again');
    this.#client = client;
    this.#failures = 0;
  }

  /** Does nothing for a connection that is being made, whose attempt fails as well, or for one that was given up. */
  #lost(attempt: AbortController, error: Error): void {
    if (attempt !== this.#attempted || this.#client === null) return;
    this.#client = null;
    this.#failed(error);
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    if (this.#failures === 0) this.#ports.log.warn('redis cannot be reached', { problem: problemOf(error) });
    const { longestDelayMs = LONGEST_DELAY_MS } = this.#ports;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, longestDelayMs);
    this.#failures++;
    this.#wait(this.#retry, delayMs * (0.5 + this.#random.unit() / 2));
  }

  #wait(deadline: Deadline, ms: number): void {
    const { timers } = this.#ports;
    timers.touch();
    timers.set(deadline, ms);
  }
}

/** Whether it is an error that Redis answered with, of this kind. */
export function isAnswer(error: unknown, kind: string): boolean {
  return error instanceof Error && error.message.startsWith(kind);
}

/** Says where and why, never with which password. */
function problemOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(problemOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
