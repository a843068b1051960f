import type { Rollout, Selection } from '../domain/fleet.ts';
import type { FleetStore } from '../domain/store.ts';
import type { Changing } from './changing.ts';
import type { Database } from './database.ts';
import type { Selectable } from './kysely.ts';
import { numberBefore, page, rowsFor } from './pages.ts';
import type { Tables } from './tables.ts';
import { storable } from './texts.ts';

type Row = Selectable<Tables['rollouts']>;

const UNDER_WAY = ['running', 'paused'];

/** Roll-outs of the fleet, of which one is under way at most. */
export function rolloutStore(
  { read }: Database,
  change: Changing,
): Pick<FleetStore, 'rollout' | 'rollouts' | 'start' | 'advance'> {
  return {
    rollout: () =>
      read(async (db) => {
        const found = db.selectFrom('rollouts').selectAll().where('state', 'in', UNDER_WAY);
        const row = await found.executeTakeFirst();
        return row === undefined ? null : toRollout(row);
      }),
    rollouts: (query) =>
      read(async (db) => {
        const found = db.selectFrom('rollouts').selectAll().where('id', '<', numberBefore(query));
        const rows = await found.orderBy('id', 'desc').limit(rowsFor(query)).execute();
        return page(rows, query, { item: toRollout, cursor: ({ id }) => id });
      }),
    start: (rollout) =>
      change('rollout', async (tx, id) => {
        const row = toRow(rollout, id);
        const insert = tx
          .insertInto('rollouts')
          .values(row)
          .onConflict((conflict) => conflict.doNothing());
        const { numInsertedOrUpdatedRows = 0n } = await insert.executeTakeFirst();
        return numInsertedOrUpdatedRows === 0n ? null : toRollout(row);
      }),
    async advance(known, { step, state, reason, steppedAt }) {
      const set = {
        ...(step === undefined ? {} : { step }),
        ...(state === undefined ? {} : { state }),
        ...(reason === undefined ? {} : { reason: storable(reason) }),
        ...(steppedAt === undefined ? {} : { stepped_at: steppedAt }),
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

function toRow(rollout: Omit<Rollout, 'id'>, id: number): Row {
  const { revision, base, steps, step, stepMs, state, reason, startedAt, steppedAt, startedBy } = rollout;
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
