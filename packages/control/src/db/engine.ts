import type { RawBuilder } from './kysely.ts';
import type { Queries } from './tables.ts';

/** What differs between the databases. Everything else is written once. */
export interface Engine {
  readonly dialect: 'sqlite' | 'postgres';
  readonly queries: Queries;
  /** Milliseconds since 1970 on the clock of the database, so that no two gateways need to have the same. */
  readonly now: RawBuilder<number>;
  /** Whether an error says that the database is away or too slow, not that a query is wrong. */
  isAway(error: unknown): boolean;
  /** In the transaction: whoever listens hears of it when it is committed, and not before. */
  announce(tx: Queries, news: News): Promise<void>;
  /** Hears what others have announced; gives what ends that. */
  hear(listener: (news: News) => void): () => void;
  /** In one transaction, while nobody else is in one of these, and for as long as it takes. */
  changeSchema<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A counter and where it stands. */
export interface News {
  readonly topic: string;
  readonly number: number;
}
