import { randomUUID } from 'node:crypto';
import type { Position, Store } from '../domain/store.ts';
import { currentNumber, type Database } from './database.ts';
import type { Queries } from './tables.ts';

const HISTORY = 'history';

/** Where the database stands. */
export function positionStore({ read }: Database): Pick<Store, 'position'> {
  return {
    position: (revision) =>
      read(async (db): Promise<Position> => {
        const known = db.selectFrom('revisions').select('at').where('number', '=', revision);
        const agreed = db.selectFrom('agreements').select('value').where('name', '=', HISTORY);
        return {
          // The revision first: who takes what is newer than that looks again.
          madeAt: (await known.executeTakeFirst())?.at ?? null,
          history: (await agreed.executeTakeFirst())?.value ?? '',
          keyChange: await currentNumber(db, 'keys'),
          head: await currentNumber(db, 'revision'),
        };
      }),
  };
}

/** From here on it is another history: the same numbers may mean something else. */
export async function beginHistory(tx: Queries): Promise<void> {
  const value = randomUUID();
  await tx
    .insertInto('agreements')
    .values({ name: HISTORY, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
