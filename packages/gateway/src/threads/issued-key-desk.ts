import { IssuedKeyWriter } from '../identity/consumers/issued-key-writer.ts';
import type { IssuedKey, IssuedKeysData } from '../identity/consumers/issued-keys.ts';

/** Tells all threads which keys were issued, and finds out which of them are used. */
export class IssuedKeyDesk {
  readonly #publish: (keys: IssuedKeysData) => void;
  #writer = new IssuedKeyWriter(0);

  constructor(publish: (keys: IssuedKeysData) => void) {
    this.#publish = publish;
  }

  /** From now on these are the keys. */
  use(keys: readonly IssuedKey[]): void {
    this.#writer = new IssuedKeyWriter(keys.length);
    for (const key of keys) this.#writer.put(key);
    this.#publish(this.#writer.data);
  }

  /** Some came or are others, and some are gone. */
  change({ put, gone }: KeyChanges): void {
    for (const key of gone) this.#writer.remove(key);
    for (const key of put) if (!this.#writer.put(key)) this.#grow(key);
  }

  /** By id: when keys were used last that were used since this was asked before, in milliseconds since 1970. */
  takeUses(): ReadonlyMap<string, number> {
    return this.#writer.takeUses();
  }

  #grow(key: IssuedKey): void {
    this.#writer = this.#writer.grown();
    this.#writer.put(key);
    this.#publish(this.#writer.data);
  }
}

/** What is different from before. */
export interface KeyChanges {
  readonly put: readonly IssuedKey[];
  readonly gone: readonly IssuedKey[];
}
