import { hash } from 'node:crypto';
import type { RedisConfig } from '@turnpike/config';
import type { Clock } from '../../core/ports.ts';
import { Deadline } from '../../core/timing-wheel.ts';
import { RedisLink, type LinkPorts, type Script } from './redis-link.ts';
import { redisOpener } from './redis-opener.ts';
import { timely } from './timely-answers.ts';

/** Something that is over, as it is told: a text, and a name by which it is not told twice. */
export interface ToldEnd {
  readonly name: string;
  readonly text: string;
}

/** What telling and hearing need. */
export interface EndPorts extends LinkPorts {
  readonly clock: Clock;
  /** Takes what others, or we ourselves, have told. */
  readonly hear: (texts: readonly string[]) => void;
  /** Everything that we know to be over: Redis may have lost it, or was away when it ended. */
  readonly all: () => readonly ToldEnd[];
  /** For how long the last of it matters. */
  readonly keepMs: number;
}

/** How often it is asked what else is over. */
const ASK_EVERY_MS = 250;
/** After so many questions without an answer a new connection is made. */
const PATIENCE = 3;
const ANSWER_MS = 1000;
/** Told in one call, and heard by one. */
const PORTION = 200;
/** As many as each gateway remembers, and some more. */
const MOST_KEPT = 20_000;

/** KEYS: names, texts. ARGV: for how long, the time, and then name and text of each. */
const TELL = script(`
for i = 3, #ARGV, 2 do
  if redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[i]) == 1 then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${MOST_KEPT}, '*', 't', ARGV[i + 1])
  end
end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -${MOST_KEPT + 1})
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('PEXPIRE', KEYS[2], ARGV[1])
`);

/** KEYS: names, texts. ARGV: the last entry that is known. The answer: whether there are any, then id and text of each. */
const HEAR = script(`
local answer = { redis.call('EXISTS', KEYS[1], KEYS[2]) }
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[1], '+', 'COUNT', ${PORTION})) do
  answer[#answer + 1] = entry[1]
  answer[#answer + 1] = entry[2][2]
end
return answer
`);

/**
 * What is over for all gateways, in Redis: a stream that each process reads from its beginning, four times a second. What could
 * not be told is told when Redis answers again, and so is everything that Redis has lost.
 */
export class RedisEnds {
  readonly #keys: readonly string[];
  readonly #ports: EndPorts;
  readonly #link: RedisLink;
  readonly #next = new Deadline(() => void this.#ask());
  #last = '0-0';
  #isBehind = true;
  #unanswered = 0;
  #isClosed = false;

  /** Connects in the background. */
  constructor(config: RedisConfig, ports: EndPorts) {
    this.#keys = ['names', 'texts'].map((name) => `${config.keyPrefix}login:{ended}${name}`);
    this.#ports = ports;
    this.#link = new RedisLink(redisOpener(config), ports);
    this.#askSoon();
  }

  /** Tells at once; if that fails, later. */
  async tell(ends: readonly ToldEnd[]): Promise<void> {
    try {
      for (let at = 0; at < ends.length; at += PORTION) await this.#tell(ends.slice(at, at + PORTION));
    } catch {
      // It is said by who asks: that fails as well.
      this.#isBehind = true;
    }
  }

  async close(withinMs: number): Promise<void> {
    this.#isClosed = true;
    this.#ports.timers.remove(this.#next);
    await this.#link.close(withinMs);
  }

  async #tell(ends: readonly ToldEnd[]): Promise<void> {
    const { keepMs, clock } = this.#ports;
    const words = ends.flatMap(({ name, text }) => [name, text]);
    await this.#run(TELL, [String(keepMs), String(clock.epoch()), ...words]);
  }

  async #ask(): Promise<void> {
    const { log } = this.#ports;
    try {
      if (this.#link.isUp) await this.#catchUp();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (this.#unanswered++ === 0)
        log.warn('redis does not tell which sessions ended elsewhere', { problem });
      if (this.#unanswered % PATIENCE === 0) this.#link.renew();
    }
    if (!this.#isClosed) this.#askSoon();
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const [isThere, ...rest] = listIn(await this.#run(HEAR, [this.#last]));
      const words = rest.map(String);
      if (this.#unanswered > 0) this.#ports.log.info('redis tells again which sessions ended elsewhere');
      this.#unanswered = 0;
      const texts = words.filter((_, i) => i % 2 === 1);
      this.#last = words.at(-2) ?? this.#last;
      if (texts.length > 0) this.#ports.hear(texts);
      if (texts.length < PORTION) return this.#tellRest(Number(isThere) === 2);
    }
  }

  async #tellRest(isThere: boolean): Promise<void> {
    if (isThere && !this.#isBehind) return;
    const all = this.#ports.all();
    this.#isBehind = false;
    if (all.length > 0) await this.tell(all);
  }

  #run(wanted: Script, args: readonly string[]): Promise<unknown> {
    return timely(() => this.#link.run(wanted, this.#keys, args), this.#ports.timers, ANSWER_MS);
  }

  #askSoon(): void {
    const { timers } = this.#ports;
    timers.touch();
    timers.set(this.#next, ASK_EVERY_MS);
  }
}

function listIn(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new Error('redis answered with something else');
  return reply;
}

function script(text: string): Script {
  return { text, sha: hash('sha1', text) };
}
