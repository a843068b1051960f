import {
  compileIssuedKeys,
  IssuedKeys,
  type IssuedKey,
  type IssuedKeysData,
} from '../identity/consumers/issued-keys.ts';

/** Tells all threads which keys were issued, and finds out which of them are used. */
export class IssuedKeyDesk {
  readonly #publish: (keys: IssuedKeysData) => void;
  #keys: readonly IssuedKey[] = [];
  /** Where the use of each key is written, in the order of the keys. */
  #slots: readonly number[] = [];
  #uses: Float64Array = new Float64Array(0);
  #taken = new Float64Array(0);

  constructor(publish: (keys: IssuedKeysData) => void) {
    this.#publish = publish;
  }

  /** From now on these are the keys. */
  use(keys: readonly IssuedKey[]): void {
    const data = compileIssuedKeys(keys);
    const table = new IssuedKeys(data);
    this.#keys = keys;
    this.#slots = keys.map(({ digest }) => table.slotOf(Buffer.from(digest, 'hex')));
    this.#uses = new Float64Array(data.uses);
    this.#taken = new Float64Array(this.#uses.length);
    this.#publish(data);
  }

  /** By id: when keys were used last that were used since this was asked before, in milliseconds since 1970. */
  takeUses(): ReadonlyMap<string, number> {
    const uses = new Map<string, number>();
    for (const [i, { id }] of this.#keys.entries()) {
      const slot = this.#slots[i] ?? -1;
      const at = this.#uses[slot] ?? 0;
      if (at <= (this.#taken[slot] ?? 0)) continue;
      this.#taken[slot] = at;
      uses.set(id, at);
    }
    return uses;
  }
}
