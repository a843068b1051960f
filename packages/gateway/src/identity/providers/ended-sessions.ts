import type { EndedSessions, SessionNews } from '../../core/desk.ts';
import type { Log } from '../../core/ports.ts';
import type { Clockwork } from './clockwork.ts';
import { isObject } from './key-set.ts';
import type { StateFiles } from './state-files.ts';

/** What keeping ended sessions takes. */
export interface EndedSessionPorts {
  readonly log: Log;
  readonly publish: (news: SessionNews) => void;
  readonly files: StateFiles;
  readonly clockwork: Clockwork;
  /** Tells other gateways. */
  readonly share: (ended: EndedSessions) => void;
}

/**
 * The sessions of one provider that are over although their cookies may still come, until the last of those has expired.
 * On disk as well: a restart must not bring them back. All threads hear the whole list, so ends that come together are
 * told together.
 */
export class EndedSessionList {
  readonly #provider: string;
  readonly #ports: EndedSessionPorts;
  #lifetimeMs: number | null = null;
  /** In the order in which they ended. */
  readonly #ended = new Map<string, EndedSessions>();
  #gathering: Promise<void> | null = null;
  #hurry = () => {};

  constructor(provider: string, ports: EndedSessionPorts) {
    this.#provider = provider;
    this.#ports = ports;
  }

  /** Takes over how long sessions live at most, and at the first time what is on disk. */
  async use(lifetimeMs: number): Promise<void> {
    const isFirst = this.#lifetimeMs === null;
    this.#lifetimeMs = lifetimeMs;
    if (!isFirst) return;
    const saved = await this.#ports.files.read(this.#fileName);
    const ended = isObject(saved) && Array.isArray(saved['ended']) ? saved['ended'].filter(isEnded) : [];
    if (ended.length === 0) return;
    for (const one of ended) this.#add(one);
    this.#publish();
  }

  /** Adds some; resolves when all threads were told. */
  end(ended: EndedSessions): Promise<void> {
    this.#ports.share(ended);
    return this.#take(ended);
  }

  /** The same for what another gateway has told, unless it is known. */
  async hear(ended: EndedSessions): Promise<void> {
    const known = this.#ended.get(keyOf(ended));
    if (known === undefined || known.endedAtMs < ended.endedAtMs) await this.#take(ended);
  }

  /** All that are known. */
  get all(): readonly EndedSessions[] {
    return [...this.#ended.values()];
  }

  /** Nobody waits any longer. */
  async close(): Promise<void> {
    this.#hurry();
    await this.#gathering;
  }

  #take(ended: EndedSessions): Promise<void> {
    this.#add(ended);
    this.#gathering ??= this.#gather();
    return this.#gathering;
  }

  async #gather(): Promise<void> {
    await new Promise<void>((resolve) => {
      const callOff = this.#ports.clockwork.timers.after(GATHER_MS, resolve);
      this.#hurry = () => {
        callOff();
        resolve();
      };
    });
    this.#gathering = null;
    this.#publish();
    await this.#ports.files.write(this.#fileName, { ended: [...this.#ended.values()] });
  }

  /** A later end of the same says it all. */
  #add(ended: EndedSessions): void {
    const key = keyOf(ended);
    const before = this.#ended.get(key);
    if (before !== undefined && before.endedAtMs > ended.endedAtMs) return;
    this.#ended.delete(key);
    this.#ended.set(key, ended);
  }

  #publish(): void {
    this.#forget();
    const ended = [...this.#ended.values()];
    this.#ports.publish({ topic: 'ended-sessions', id: this.#provider, ended });
  }

  #forget(): void {
    const oldestMs = this.#ports.clockwork.clock.epoch() - (this.#lifetimeMs ?? Infinity);
    for (const [key, { endedAtMs }] of this.#ended) if (endedAtMs <= oldestMs) this.#ended.delete(key);
    const forgotten = this.#ended.size - MAX_ENDED;
    if (forgotten <= 0) return;
    for (const key of [...this.#ended.keys()].slice(0, forgotten)) this.#ended.delete(key);
    this.#ports.log.warn('more sessions were ended than can be remembered; the oldest come back', {
      provider: this.#provider,
      forgotten,
    });
  }

  get #fileName(): string {
    return `${this.#provider}~sessions`; // no name of a provider has a tilde
  }
}

function keyOf({ session, subject }: EndedSessions): string {
  return JSON.stringify([session, subject]);
}

const MAX_ENDED = 10_000;
const GATHER_MS = 50;

function isEnded(value: unknown): value is EndedSessions {
  return isObject(value) && typeof value['provider'] === 'string' && typeof value['endedAtMs'] === 'number';
}
