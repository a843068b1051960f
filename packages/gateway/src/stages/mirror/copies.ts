/** Copies of requests that are under way in this thread, on all routes together. */
export class Copies {
  readonly #most: number;
  #underWay = 0;

  constructor(most = MOST_UNDER_WAY) {
    this.#most = most;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Counts one more, unless there are too many. */
  tryBegin(): boolean {
    if (this.#underWay >= this.#most) return false;
    this.#underWay++;
    return true;
  }

  end(): void {
    this.#underWay--;
  }
}

/** A service for copies that is slow must not take all our memory. */
const MOST_UNDER_WAY = 256;
