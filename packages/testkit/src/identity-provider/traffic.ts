import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** Requests that are not answered before they are let go. */
export interface Held {
  /** Resolves when `count` of them are there. */
  arrived(count?: number): Promise<void>;
  /** Answers them, and those that come. */
  release(): void;
}

/** Stands before a server in a test: counts, holds and refuses. */
export class Traffic {
  readonly #serve: RequestListener;
  readonly #counts = new Map<string, number>();
  readonly #holds = new Map<string, Hold>();
  readonly #statuses = new Map<string, number>();

  constructor(serve: RequestListener) {
    this.#serve = serve;
  }

  /** How many requests came to a path. */
  count(path: string): number {
    return this.#counts.get(path) ?? 0;
  }

  /** From now on, holds what comes to a path. */
  hold(path: string): Held {
    const hold = new Hold(() => this.#holds.delete(path));
    this.#holds.set(path, hold);
    return hold;
  }

  /** From now on, answers what comes to a path with nothing but a status; null: as before. */
  answer(path: string, status: number | null): void {
    if (status === null) this.#statuses.delete(path);
    else this.#statuses.set(path, status);
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const [path = ''] = (request.url ?? '').split('?');
    this.#counts.set(path, this.count(path) + 1);
    const serve = (): void => {
      const status = this.#statuses.get(path);
      if (status === undefined) this.#serve(request, response);
      else response.writeHead(status).end();
    };
    const hold = this.#holds.get(path);
    if (hold === undefined) serve();
    else hold.add(serve);
  };
}

class Hold implements Held {
  readonly #waiting: (() => void)[] = [];
  readonly #onRelease: () => void;
  #onArrival = () => {};

  constructor(onRelease: () => void) {
    this.#onRelease = onRelease;
  }

  add(serve: () => void): void {
    this.#waiting.push(serve);
    this.#onArrival();
  }

  async arrived(count = 1): Promise<void> {
    while (this.#waiting.length < count) await new Promise<void>((resolve) => (this.#onArrival = resolve));
  }

  release(): void {
    this.#onRelease();
    for (const serve of this.#waiting.splice(0)) serve();
  }
}
