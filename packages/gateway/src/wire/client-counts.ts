/** How many connections one client has. */
interface Count {
  open: number;
  /** Those that we have ended, and whose clients have not. */
  ended: number;
}

/**
 * How many connections each client has open, against a limit.
 *
 * One that we have ended stays for a moment, until the client ends it too. A client that comes back at once for its next
 * request has both, through no fault of its own; so these count apart. They have the same limit, above which they count
 * as open: who never ends its side gets no more than twice as many.
 */
export class ClientCounts {
  readonly #counts = new Map<string, Count>();

  /** Counts one more for `client`; false, and nothing is counted, where it has `limit` of them. */
  open(client: string, limit: number): boolean {
    const count = this.#counts.get(client);
    if ((count?.open ?? 0) >= limit) return false;
    if (count === undefined) this.#counts.set(client, { open: 1, ended: 0 });
    else count.open++;
    return true;
  }

  /** We have ended one; tells whether it counts as that, and no longer as open. */
  end(client: string, limit: number): boolean {
    const count = this.#counts.get(client);
    if (count === undefined || count.ended >= limit) return false;
    count.open--;
    count.ended++;
    return true;
  }

  /** One is gone, which counted as `state`. */
  close(client: string, state: keyof Count): void {
    const count = this.#counts.get(client);
    if (count === undefined) return;
    count[state]--;
    if (count.open + count.ended === 0) this.#counts.delete(client);
  }

  /** How many clients have any. */
  get size(): number {
    return this.#counts.size;
  }
}
