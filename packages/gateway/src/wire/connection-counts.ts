/** How much there is of each key, in all threads of the process together. */
export interface SharedCounts {
  /** Keeps the keys of one purpose apart from those of all others. */
  scope(name: string): number;
  /** Counts one more, unless there are `limit`; gives the place where `leave` takes it back. */
  enter(scope: number, key: string, limit: number): number | 'full' | 'no-room';
  leave(place: number): void;
}

/** What a listener lets in. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
}

/** A connection that was let in. */
export interface CountedConnection {
  /** We have ended it, and its client has not. */
  ended(): void;
  closed(): void;
}

/**
 * How many connections a listener has open in all threads, altogether and of each client, against its limits.
 *
 * One that we have ended stays for a moment, until the client ends it too. A client that comes back at once for its next
 * request has both, through no fault of its own; so these count apart. They have the same limit, above which they count
 * as open: who never ends its side gets no more than twice as many.
 *
 * Who the table has no room for is let in, and not counted: that takes more clients at once than the limit of all lets in where
 * nothing is written, or more connections (200,000) than a process should be given.
 */
export class ConnectionCounts {
  readonly #counts: SharedCounts;
  readonly #all: number;
  readonly #open: number;
  readonly #ended: number;

  constructor(listener: string, counts: SharedCounts) {
    this.#counts = counts;
    [this.#all, this.#open, this.#ended] = [
      counts.scope(`${listener} all`),
      counts.scope(`${listener} open`),
      counts.scope(`${listener} ended`),
    ];
  }

  /** Counts one more for `client`; null, and nothing is counted, where that is too many. */
  open(
    client: string,
    { maxConnections, maxConnectionsPerClient }: ConnectionLimits,
  ): CountedConnection | null {
    const counts = this.#counts;
    const one = counts.enter(this.#all, '', maxConnections);
    if (one === 'full') return null;
    let held = counts.enter(this.#open, client, maxConnectionsPerClient);
    if (held === 'full') {
      this.#leave(one);
      return null;
    }
    return {
      ended: () => {
        const place = counts.enter(this.#ended, client, maxConnectionsPerClient);
        if (place === 'full') return;
        this.#leave(held);
        held = place;
      },
      closed: () => {
        this.#leave(held);
        this.#leave(one);
      },
    };
  }

  #leave(place: number | 'full' | 'no-room'): void {
    if (typeof place === 'number') this.#counts.leave(place);
  }
}
