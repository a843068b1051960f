/** How much of the room an entry takes. Must give the same for the same entry every time. */
export type Weigh<V> = (key: string, value: V) => number;

/**
 * A map that forgets what was not asked for: two generations, of which the older one is dropped when the younger is full.
 *
 * What is found in the old one moves to the young one, so an entry stays as long as it is used once a generation. Everything
 * is O(1) and there is no list to keep in order, which a hit would have to change. Never holds more than twice `capacity`.
 */
export class Remembered<V extends object | string | number | boolean> {
  readonly #capacity: number;
  readonly #weigh: Weigh<V>;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #youngWeight = 0;

  /** `capacity` of one generation: a number of entries, unless `weigh` counts something else. */
  constructor(capacity: number, weigh: Weigh<V> = () => 1) {
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.#add(key, old);
    return old;
  }

  /** What weighs more than a whole generation is not remembered. */
  set(key: string, value: V): void {
    this.delete(key);
    this.#add(key, value);
  }

  delete(key: string): void {
    this.#old.delete(key);
    const young = this.#young.get(key);
    if (young === undefined) return;
    this.#young.delete(key);
    this.#youngWeight -= this.#weigh(key, young);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngWeight = 0;
  }

  #add(key: string, value: V): void {
    const weight = this.#weigh(key, value);
    if (weight > this.#capacity) return;
    if (this.#youngWeight + weight > this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngWeight = 0;
    }
    this.#young.set(key, value);
    this.#youngWeight += weight;
  }
}
