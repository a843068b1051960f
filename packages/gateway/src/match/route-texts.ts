import { Header, Route, ROUTE_WORDS } from './layout.ts';

/** The texts of routes in a table, decoded on every call. */
export class RouteTexts {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;

  constructor(words: Int32Array, bytes: Buffer) {
    this.#words = words;
    this.#bytes = bytes;
  }

  id(route: number): string {
    return this.#text(route, Route.idLength);
  }

  path(route: number): string {
    return this.#text(route, Route.pathLength);
  }

  /** JSON of `FieldPredicates`, or nothing for a route without any. */
  predicates(route: number): string {
    return this.#text(route, Route.predicatesLength);
  }

  payload(route: number): string {
    return this.#text(route, Route.payloadLength);
  }

  /** The text with the length at this place, which lies behind those whose lengths come before it. */
  #text(route: number, lengthAt: number): string {
    const words = this.#words;
    if (!(route >= 0 && route < (words[Header.routeCount] ?? 0))) {
      throw new RangeError(`There is no route ${route}`);
    }
    const at = (words[Header.routes] ?? 0) + route * ROUTE_WORDS;
    let start = words[at + Route.offset] ?? 0;
    for (let length: number = Route.idLength; length < lengthAt; length++) start += words[at + length] ?? 0;
    return this.#bytes.toString('utf8', start, start + (words[at + lengthAt] ?? 0));
  }
}
