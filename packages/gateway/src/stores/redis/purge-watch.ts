import type { RedisConfig } from '@turnpike/config';
import type { CachePurge } from '../../core/cache-memory.ts';
import { ALL_TAG } from '../../core/cache-tags.ts';
import { Deadline } from '../../core/timing-wheel.ts';
import { cacheNames, type CacheNames } from './cache-names.ts';
import { readPurge, type PurgeMessage } from './purge-message.ts';
import { MISSED_SCRIPT } from './purge-scripts.ts';
import { listening } from './listening.ts';
import { redisOpener, type OpenRedis } from './redis-opener.ts';
import { RedisLink, type LinkPorts, type ScriptLink } from './redis-link.ts';
import { LateAnswer, timely } from './timely-answers.ts';

/** How often it is asked what was purged. With an answer and two ticks of the wheel this is far less than a second. */
const ASK_EVERY_MS = 250;

/** After so many questions without an answer a new connection is made. */
const PATIENCE = 3;

/** What hearing of purges needs. */
export interface WatchPorts extends LinkPorts {
  /** Of this process. */
  readonly memory: CachePurge;
  /** The last purge that what is in it knows of; 0: it has not been told of any. */
  readonly known: number;
  /** Where questions go. */
  readonly link: ScriptLink;
}

/**
 * Hears what other gateways purge, for one process, and purges its memory.
 *
 * Messages tell at once, but Redis loses them as it likes: so it is also asked, again and again. Each purge names the one before,
 * so who has heard of all of them knows that. What was missed is read from a log; when that does not go back far enough, or
 * Redis has lost purges itself, everything counts as purged.
 */
export class PurgeWatch {
  readonly #names: CacheNames;
  readonly #timeoutMs: number;
  readonly #ports: WatchPorts;
  readonly #listener: RedisLink;
  readonly #next = new Deadline(() => void this.#ask());
  #known: number;
  #isCaughtUp = false;
  /** What was asked for and not told: if it is never told, the connection is deaf. */
  #untold = 0;
  #unanswered = 0;
  #isAsking = false;
  #isClosed = false;

  constructor(config: RedisConfig, ports: WatchPorts, open: OpenRedis = redisOpener(config)) {
    this.#names = cacheNames(config);
    this.#timeoutMs = config.timeoutMs;
    this.#ports = ports;
    this.#known = ports.known;
    this.#listener = new RedisLink(listening(open, this.#names.channel, this.#heard), ports);
    void this.#ask();
  }

  /** The last purge that this memory knows of; 0: none. */
  get known(): number {
    return this.#known;
  }

  /** Whether it has been told of all that it had missed when it began. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#ports.timers.remove(this.#next);
    await this.#listener.close(this.#timeoutMs);
  }

  readonly #heard = (text: string): void => {
    const message = readPurge(text);
    if (message === null || this.#isClosed) return;
    if (message.number >= this.#untold) this.#untold = 0;
    if (message.number <= this.#known) return;
    if (message.before === this.#known) this.#apply(message);
    else void this.#ask();
  };

  /** Asks, one question at a time, and then again and again. */
  async #ask(): Promise<void> {
    if (this.#isAsking || this.#isClosed) return;
    const { link, timers, log } = this.#ports;
    this.#isAsking = true;
    try {
      if (link.isUp) await this.#catchUp();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (this.#unanswered++ === 0)
        log.warn('redis does not tell what others purge from the cache', { problem });
      if (error instanceof LateAnswer && this.#unanswered % PATIENCE === 0) link.renew();
    } finally {
      this.#isAsking = false;
      if (!this.#isClosed) {
        timers.touch();
        timers.set(this.#next, ASK_EVERY_MS);
      }
    }
  }

  async #catchUp(): Promise<void> {
    const { link, timers, log } = this.#ports;
    const { board, log: list } = this.#names;
    const asked = this.#known;
    const run = () => link.run(MISSED_SCRIPT, [board, list], [`${asked}`]);
    const [last, ...messages] = textsIn(await timely(run, timers, this.#timeoutMs));
    if (this.#unanswered > 0) log.info('redis tells again what others purge from the cache');
    this.#unanswered = 0;
    this.#takeOver(Number(last), asked, messages);
    this.#isCaughtUp = true;
  }

  #takeOver(last: number, asked: number, messages: readonly string[]): void {
    if (this.#isClosed || last === this.#known) return;
    const missed = messages.map(readPurge);
    if (missed.length === 0 || missed.includes(null)) return this.#forgetAll(last);
    // Messages that came while it was asked are in the answer, too.
    const unheard = missed.filter((purge) => purge !== null).filter(({ number }) => number > this.#known);
    if (unheard.length === 0) return;
    if (this.#untold > 0 && this.#untold <= asked) this.#listener.renew();
    for (const purge of unheard.toReversed()) this.#apply(purge);
    this.#untold = last;
  }

  #forgetAll(last: number): void {
    this.#ports.memory.purge([ALL_TAG], 'hard');
    if (this.#known > 0)
      this.#ports.log.warn(
        'everything was purged from the cache: what others have purged is not known any more',
      );
    this.#known = last;
  }

  #apply({ number, kind, tags }: PurgeMessage): void {
    this.#ports.memory.purge(tags, kind);
    this.#known = number;
  }
}

function textsIn(reply: unknown): readonly string[] {
  const texts: readonly unknown[] = Array.isArray(reply) ? reply : [];
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string'))
    throw new Error('redis answered with something else');
  return texts;
}
