import { hash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../domain/callers.ts';
import type { AdminToken } from '../domain/keys.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Store } from '../domain/store.ts';

/** How often it is told which tokens were used. */
const TOUCH_MS = 60_000;
const RETRY_MS = 10_000;

interface Known {
  readonly token: AdminToken;
  readonly digest: Buffer;
  readonly caller: Caller;
}

/** A token that is good. */
export interface FoundToken {
  readonly id: string;
  readonly caller: Caller;
}

/** Where tokens are kept for a start without the database. They are digests. */
export interface KeptTokens {
  /** null: there are none. */
  read(): Promise<readonly AdminToken[] | null>;
  write(tokens: readonly AdminToken[]): Promise<void>;
}

/** What a book of tokens works with. */
export interface TokenBookPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly kept: KeptTokens;
}

/** The tokens of the database, as they were known last: without the database, who had one still has one, also after a restart. */
export class TokenBook {
  readonly #store: Pick<Store, 'tokens'>;
  readonly #kept: KeptTokens;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #uses = new Map<string, number>();
  #known: readonly Known[] | null = null;
  #refreshed: Promise<void> = Promise.resolve();
  #isCurrent = true;
  #isClosed = false;
  #cancelTouch: () => void = () => {};
  #cancelRetry: () => void = () => {};

  constructor(store: Pick<Store, 'tokens'>, { clock, log, kept }: TokenBookPorts) {
    this.#store = store;
    this.#kept = kept;
    this.#clock = clock;
    this.#log = log;
    this.#plan();
  }

  /** Learns them anew, one time after the other: an answer that comes late must not bring back what was removed. */
  refresh(): Promise<void> {
    this.#refreshed = this.#refreshed.then(() => this.#learn());
    return this.#refreshed;
  }

  /** That they have changed is told once, so who could not learn them tries again. */
  async #learn(): Promise<void> {
    this.#cancelRetry();
    try {
      const tokens = await this.#store.tokens.list();
      this.#know(tokens);
      await this.#kept.write(tokens);
      this.#isCurrent = true;
    } catch (error) {
      const message = 'the tokens of the admin API cannot be read, or not be kept; those that are known stay';
      if (this.#isCurrent) this.#log.warn(message, { error });
      this.#isCurrent = false;
      if (!this.#isClosed) this.#cancelRetry = this.#clock.after(RETRY_MS, () => void this.refresh());
      if (this.#known === null) await this.#remember();
    }
  }

  async #remember(): Promise<void> {
    const tokens = await this.#kept.read();
    if (this.#known === null && tokens !== null) this.#know(tokens);
  }

  #know(tokens: readonly AdminToken[]): void {
    this.#known = tokens.map((token) => ({
      token,
      digest: Buffer.from(token.digest, 'hex'),
      caller: {
        name: token.name,
        via: 'token',
        role: token.role,
        workspaces: new Map(Object.entries(token.workspaces)),
      },
    }));
  }

  /** Whose token that is, and which. All digests are compared, in constant time. */
  find(text: string): FoundToken | null {
    const digest = hash('sha256', text, 'buffer');
    const nowMs = this.#clock.epoch();
    let found: Known | null = null;
    for (const one of this.#known ?? []) if (timingSafeEqual(one.digest, digest)) found = one;
    if (found === null || (found.token.expiresAt !== null && found.token.expiresAt <= nowMs)) return null;
    this.#uses.set(found.token.id, nowMs);
    return { id: found.token.id, caller: found.caller };
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTouch();
    this.#cancelRetry();
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
