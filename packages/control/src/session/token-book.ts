import { hash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../domain/callers.ts';
import type { AdminToken } from '../domain/keys.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Store } from '../domain/store.ts';

/** How often it is told which tokens were used. */
const TOUCH_MS = 60_000;

interface Known {
  readonly token: AdminToken;
  readonly digest: Buffer;
  readonly caller: Caller;
}

/** The tokens of the database, as they were known last: without the database, who had one still has one. */
export class TokenBook {
  readonly #store: Pick<Store, 'tokens'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #uses = new Map<string, number>();
  #known: readonly Known[] = [];
  #cancelTouch: () => void = () => {};

  constructor(store: Pick<Store, 'tokens'>, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#plan();
  }

  /** Learns them anew. */
  async refresh(): Promise<void> {
    try {
      this.#known = (await this.#store.tokens.list()).map((token) => ({
        token,
        digest: Buffer.from(token.digest, 'hex'),
        caller: {
          name: token.name,
          via: 'token',
          role: token.role,
          workspaces: new Map(Object.entries(token.workspaces)),
        },
      }));
    } catch (error) {
      this.#log.warn('the tokens of the admin API cannot be read; those that are known stay', { error });
    }
  }

  /** Whose token that is. All digests are compared, in constant time. */
  find(text: string): Caller | null {
    const digest = hash('sha256', text, 'buffer');
    const nowMs = this.#clock.epoch();
    let found: Known | null = null;
    for (const one of this.#known) if (timingSafeEqual(one.digest, digest)) found = one;
    if (found === null || (found.token.expiresAt !== null && found.token.expiresAt <= nowMs)) return null;
    this.#uses.set(found.token.id, nowMs);
    return found.caller;
  }

  close(): void {
    this.#cancelTouch();
  }

  #plan(): void {
    this.#cancelTouch = this.#clock.after(TOUCH_MS, () => {
      this.#plan();
      if (this.#uses.size === 0) return;
      const uses = new Map(this.#uses);
      this.#uses.clear();
      this.#store.tokens
        .touch(uses)
        .catch((error: unknown) => this.#log.debug('uses of tokens were not written', { error }));
    });
  }
}
