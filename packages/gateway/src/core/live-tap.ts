// What threads and the supervisor say to each other while somebody watches requests.

/** Which requests somebody wants to see. Threads look at nothing that costs more. */
export interface TapWish {
  /** Null: all of them; `''`: those that no route took. */
  readonly route: string | null;
  /** From and to, both included. */
  readonly status: readonly [number, number];
}

/** A request that is over. */
export interface TappedLine {
  readonly route: string;
  readonly status: number;
  /** As in the access log in JSON, with its line feed. */
  readonly line: string;
}

/** What a thread hands on at once. */
export interface TapBatch {
  readonly lines: readonly TappedLine[];
  /** Requests that somebody wanted to see and that were too many. */
  readonly dropped: number;
}

/** Whether a request is one of those. */
export function isWished(wish: TapWish, { route, status }: Pick<TappedLine, 'route' | 'status'>): boolean {
  return (
    (wish.route === null || wish.route === route) && status >= wish.status[0] && status <= wish.status[1]
  );
}
