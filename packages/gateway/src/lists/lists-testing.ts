import { openAddresses } from '../core/addresses/address-table.ts';
import { clientAt } from '../core/addresses/addresses-testing.ts';
import type { AddressNews } from '../core/desk.ts';
import { random } from '../core/random.ts';
import { hearLog, type HeardLog } from '../threads/threads-testing.ts';
import { manualClock, type ManualClock } from '@turnpike/testkit';
import type { FetchedText, FetchTextOptions, ListPorts } from './list-ports.ts';

/** For tests: what somebody brings and somebody else waits for, in order. */
export class Arrivals<T> {
  readonly #items: T[] = [];
  #hear: (() => void) | null = null;

  push(item: T): void {
    this.#items.push(item);
    this.#hear?.();
  }

  /** The next that comes, or has come and was not taken. */
  async next(): Promise<T> {
    for (;;) {
      const [item] = this.#items.splice(0, 1);
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => (this.#hear = resolve));
    }
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }
}

/** For tests: somebody asks for a text. */
export interface Asked extends FetchTextOptions {
  readonly url: string;
  answer(fetched: FetchedText): void;
  fail(message: string): void;
}

/** For tests: somebody waits before the next attempt. */
export interface Waiting {
  readonly ms: number;
  /** The time is over. */
  end(): void;
}

/** For tests: ports that do only what the test says, and tell it of everything. */
export interface ListDesk {
  readonly ports: ListPorts;
  readonly clock: ManualClock;
  readonly log: HeardLog;
  readonly news: Arrivals<AddressNews>;
  readonly asked: Arrivals<Asked>;
  readonly waiting: Arrivals<Waiting>;
  /** A watched path has changed. */
  readonly changed: () => void;
  /** How many watches are open. */
  readonly watches: () => number;
}

/** For tests: see {@link ListDesk}; copies go to this directory. */
export function listDesk(directory: string): ListDesk {
  const [clock, log] = [manualClock(), hearLog()];
  const [news, asked, waiting] = [
    new Arrivals<AddressNews>(),
    new Arrivals<Asked>(),
    new Arrivals<Waiting>(),
  ];
  const watches = new Set<() => void>();
  const ports: ListPorts = {
    log,
    clock,
    random: random(1),
    directory,
    publish: (item) => news.push(item),
    fetchText: (url, options) => {
      const { promise, resolve, reject } = Promise.withResolvers<FetchedText>();
      options.signal.addEventListener('abort', () => reject(new Error('called off')));
      asked.push({ url, ...options, answer: resolve, fail: (message) => reject(new Error(message)) });
      return promise;
    },
    watchFiles: (onChange) => ({
      update: async () => void watches.add(onChange),
      close: async () => void watches.delete(onChange),
    }),
    wait: (ms, signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve());
      waiting.push({ ms, end: resolve });
      return promise;
    },
  };
  const changed = () => {
    for (const onChange of watches) onChange();
  };
  return { ports, clock, log, news, asked, waiting, changed, watches: () => watches.size };
}

/** For tests: whether an address is in the table of some news. */
export function isIn({ table }: AddressNews, address: string): boolean {
  return table !== null && openAddresses(table).has(clientAt(address));
}
