import type { MatchInput } from './match.ts';

const SLOTS = 1024;
const MAX_PATH_LENGTH = 256;
/** A copy of one that is full of values costs a twentieth of making it. */
const EMPTY: readonly string[] = Array.from({ length: SLOTS }, () => '');

/**
 * Remembers the routes of paths that come again and again, in a fixed number of slots.
 *
 * Most paths have an id in them and come once, so a path must be seen twice before it is kept; what is kept is a copy, because
 * a slice would hold on to the request head that it was cut from. Only for results that no header and no query parameter had a
 * say in, and never for what was not found: a client chooses the paths, so it would choose what is remembered.
 */
export class MatchMemo {
  readonly #paths: string[] = EMPTY.slice();
  readonly #hosts: string[] = EMPTY.slice();
  readonly #methods: string[] = EMPTY.slice();
  readonly #listeners: string[] = EMPTY.slice();
  readonly #routes = new Int32Array(SLOTS);
  readonly #seen = new Int32Array(SLOTS);

  /** The route of this very request, or -1. `hash` is any good hash of the path. */
  find(input: MatchInput, hash: number): number {
    const slot = slotOf(hash);
    return this.#paths[slot] === input.path &&
      this.#hosts[slot] === input.host &&
      this.#methods[slot] === input.method &&
      this.#listeners[slot] === input.listener
      ? (this.#routes[slot] ?? -1)
      : -1;
  }

  /** Notes the route of a request that was not found here. */
  note(input: MatchInput, route: number, hash: number): void {
    const { path, method } = input;
    if (path.length > MAX_PATH_LENGTH) return;
    const slot = slotOf(hash);
    if (this.#seen[slot] !== hash) {
      this.#seen[slot] = hash;
      return;
    }
    this.#paths[slot] = Buffer.from(path).toString();
    this.#hosts[slot] = input.host;
    this.#methods[slot] = method;
    this.#listeners[slot] = input.listener;
    this.#routes[slot] = route;
  }
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (SLOTS - 1);
}
