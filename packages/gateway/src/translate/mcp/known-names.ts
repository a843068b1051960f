/** Names that servers have answered for; each is a series of the metrics, so there are only so many. */
export class KnownNames {
  readonly #names = new Set<string>();

  add(name: string): void {
    if (this.#names.size < MAX_NAMES && /^[A-Za-z0-9_.-]{1,128}$/.test(name)) this.#names.add(name);
  }

  /** The name, or `''` for one that nobody has heard of. */
  name(name: string): string {
    return this.#names.has(name) ? name : '';
  }
}

const MAX_NAMES = 200;
