import type { Rollout, RolloutPlan, Selection } from '../domain/fleet.ts';
import type { Draft } from '../domain/revisions.ts';
import type { FleetStore } from '../domain/store.ts';
import type { Clock } from '../domain/ports.ts';
import type { Changing } from './changing.ts';
import { type Database, nextNumber } from './database.ts';
import { type Selectable, sql } from './kysely.ts';
import { numberBefore, page, rowsFor } from './pages.ts';
import type { Queries, Tables } from './tables.ts';
import { storable } from './texts.ts';

type Row = Selectable<Tables['rollouts']>;

/** States of a roll-out that has not ended. */
export const UNDER_WAY = ['running', 'paused'];

/**
 * Roll-outs of the fleet, of which one is under way at most. Their times are those of the clock of the database, because every
 * gateway looks after them; the one under way comes out in the time of who asks.
 */
export function rolloutStore(
  { read, engine }: Database,
  { change, clock }: { readonly change: Changing; readonly clock: Clock },
): Pick<FleetStore, 'rollout' | 'rollouts' | 'advance'> {
  return {
    rollout: () =>
      read(async (db) => {
        const found = db
          .selectFrom('rollouts')
          .selectAll()
          .select(engine.now.as('now'))
          .where('state', 'in', UNDER_WAY);
        const row = await found.executeTakeFirst();
        return row === undefined ? null : shifted(toRollout(row), clock.epoch() - row.now);
      }),
    rollouts: (query) =>
      read(async (db) => {
        const found = db.selectFrom('rollouts').selectAll().where('id', '<', numberBefore(query));
        const rows = await found.orderBy('id', 'desc').limit(rowsFor(query)).execute();
        return page(rows, query, { item: toRollout, cursor: ({ id }) => id });
      }),
    async advance(known, { step, state, reason, steppedAt }) {
      const set = {
        ...(step === undefined ? {} : { step }),
        ...(state === undefined ? {} : { state }),
        ...(reason === undefined ? {} : { reason: storable(reason) }),
        ...(steppedAt === undefined
          ? {}
          : { stepped_at: sql<number>`${engine.now} + ${steppedAt - clock.epoch()}` }),
      };
      const advanced = await change('rollout', async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('rollouts')
          .set(set)
          .where('id', '=', known.id)
          .where('step', '=', known.step)
          .where('state', '=', known.state)
          .executeTakeFirst();
        return numUpdatedRows === 0n ? null : numUpdatedRows;
      });
      return advanced !== null;
    },
  };
}

/**
 * Begins the roll-out of a revision, in the transaction of that revision: nobody ever sees one without the other. Null: another one is
 * under way.
 */
export async function beginRollout(
  tx: Queries,
  { rollout, base, author }: Pick<Draft, 'base' | 'author'> & { readonly rollout: RolloutPlan },
  { engine, clock }: { readonly engine: Database['engine']; readonly clock: Clock },
): Promise<Rollout | null> {
  const { now } = await tx.selectNoFrom(engine.now.as('now')).executeTakeFirstOrThrow();
  const id = await nextNumber(tx, 'rollout');
  const numbers = { id, revision: base + 1, base, step: 0 };
  const begun = { state: 'running', reason: '', startedAt: now, steppedAt: now, startedBy: author } as const;
  const insert = tx
    .insertInto('rollouts')
    .values(toRow({ ...rollout, ...numbers, ...begun }))
    .onConflict((conflict) => conflict.doNothing());
  const { numInsertedOrUpdatedRows = 0n } = await insert.executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return null;
  await engine.announce(tx, { topic: 'rollout', number: id });
  return shifted({ ...rollout, ...numbers, ...begun }, clock.epoch() - now);
}

/** The same in the time of another clock. */
function shifted(rollout: Rollout, byMs: number): Rollout {
  return { ...rollout, startedAt: rollout.startedAt + byMs, steppedAt: rollout.steppedAt + byMs };
}

function toRow(rollout: Rollout): Row {
  const { id, revision, base, steps, step, stepMs, state, reason, startedAt, steppedAt, startedBy } = rollout;
  return {
    id,
    revision,
    base,
    steps: JSON.stringify(steps),
    step,
    step_ms: stepMs,
    state,
    reason: storable(reason),
    started_at: startedAt,
    stepped_at: steppedAt,
    started_by: storable(startedBy),
  };
}

function toRollout(row: Row): Rollout {
  const { id, revision, base, step, reason } = row;
  return {
    id,
    revision,
    base,
    steps: JSON.parse(row.steps) as Selection[],
    step,
    stepMs: row.step_ms,
    state: row.state as Rollout['state'],
    reason,
    startedAt: row.started_at,
    steppedAt: row.stepped_at,
    startedBy: row.started_by,
  };
}
