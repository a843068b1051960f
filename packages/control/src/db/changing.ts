import type { Database } from './database.ts';
import { nextNumber } from './database.ts';
import type { News } from './engine.ts';
import type { Counter, Queries } from './tables.ts';

/** A transaction that changes what others listen for. `work` gets the number of the change; `null` from it: nothing was changed. */
export type Changing = <T>(
  topic: Exclude<Counter, 'revision' | 'audit'>,
  work: (tx: Queries, number: number) => Promise<T | null>,
) => Promise<T | null>;

/** Tells the others in the transaction, and those here when it is done. */
export function changing({ write, engine }: Database, announce: (news: News) => void): Changing {
  return async (topic, work) => {
    const done = await write(async (tx) => {
      const number = await nextNumber(tx, topic);
      const result = await work(tx, number);
      if (result !== null) await engine.announce(tx, { topic, number });
      return { result, number };
    });
    if (done.result !== null) announce({ topic, number: done.number });
    return done.result;
  };
}
