import { setImmediate } from 'node:timers/promises';
import type { Rollout } from '../domain/fleet.ts';
import type { Kind, ObjectChange } from '../domain/objects.ts';
import type { Draft, Revision, RevisionSummary, Risk } from '../domain/revisions.ts';
import type { RevisionStore } from '../domain/store.ts';
import type { Clock } from '../domain/ports.ts';
import { currentNumber, type Database } from './database.ts';
import type { Insertable, Selectable } from './kysely.ts';
import { sql } from './kysely.ts';
import type { News } from './engine.ts';
import { maybeDocument } from './objects.ts';
import { beginRollout, UNDER_WAY } from './rollouts.ts';
import { numberBefore, page, rowsFor } from './pages.ts';
import type { Queries, Tables } from './tables.ts';
import { storable } from './texts.ts';

/** Rows in one statement: SQLite takes 32,766 values. */
const ROWS = 500;

type Summary = Selectable<Tables['revisions']>;

/** Numbered changes. `announce` is for who listens. */
export function revisionStore(
  { read, write, engine }: Database,
  { clock, announce }: { readonly clock: Clock; readonly announce: (news: News) => void },
): RevisionStore {
  return {
    head: () => read((db) => currentNumber(db, 'revision')),
    find: (number) =>
      read(async (db) => {
        const found = await summaryOf(db, number);
        return found === null ? null : { ...found, changes: await changesOf(db, number) };
      }),
    summary: (number) => read((db) => summaryOf(db, number)),
    list: (query) =>
      read(async (db) => {
        const found = db.selectFrom('revisions').selectAll().where('number', '<', numberBefore(query));
        const rows = await found.orderBy('number', 'desc').limit(rowsFor(query)).execute();
        return page(rows, query, { item: toSummary, cursor: ({ number }) => number });
      }),
    async commit(draft) {
      const committed = await writeUnlessRolledBack(write, async (tx, rollBack) => {
        const number = await takeNumber(tx, draft.base);
        if (number === null) return null;
        if (await isInTheWay(tx, draft)) return rollBack();
        const row = toRow(draft, number, clock.epoch());
        await tx.insertInto('revisions').values(row).execute();
        await writeChanges(tx, draft.changes, number);
        const rollout = await beginning(tx, draft);
        if (rollout === 'in the way') return rollBack();
        await engine.announce(tx, { topic: 'revision', number });
        return { revision: toSummary(row), rollout };
      });
      if (committed === null) return { kind: 'stale' };
      const { revision, rollout } = committed;
      if (rollout !== null) announce({ topic: 'rollout', number: rollout.id });
      announce({ topic: 'revision', number: revision.number });
      return { kind: 'committed', revision, rollout };
    },
  };

  async function beginning(
    tx: Queries,
    { rollout, ...draft }: Draft,
  ): Promise<Rollout | null | 'in the way'> {
    if (rollout === undefined) return null;
    return (await beginRollout(tx, { ...draft, rollout }, { engine, clock })) ?? 'in the way';
  }
}

/** The number after `base`, for this transaction alone; `null`: somebody else has it. */
async function takeNumber(tx: Queries, base: number): Promise<number | null> {
  const taken = await tx
    .updateTable('counters')
    .set({ value: base + 1 })
    .where('name', '=', 'revision')
    .where('value', '=', base)
    .returning('value')
    .executeTakeFirst();
  return taken?.value ?? null;
}

/** Whether a roll-out is under way, and this is not the end of it. */
async function isInTheWay(tx: Queries, { origin, rollout }: Draft): Promise<boolean> {
  if (rollout === undefined && (origin === 'halt' || origin === 'rollback')) return false;
  const rollouts = tx.selectFrom('rollouts').select('revision').where('state', 'in', UNDER_WAY);
  return (await rollouts.executeTakeFirst()) !== undefined;
}

/** A transaction that may find that it must not be: then nothing of it is, and it gives `null`. */
async function writeUnlessRolledBack<T>(
  write: Database['write'],
  work: (tx: Queries, rollBack: () => never) => Promise<T | null>,
): Promise<T | null> {
  const isRolledBack = new Error('rolled back');
  const rollBack = (): never => {
    throw isRolledBack;
  };
  try {
    return await write((tx) => work(tx, rollBack));
  } catch (error) {
    if (error === isRolledBack) return null;
    throw error;
  }
}

async function writeChanges(tx: Queries, changes: readonly ObjectChange[], revision: number): Promise<void> {
  const versions = changes.map(({ kind, name, workspace, after }) => {
    return { kind, name, workspace, revision, document: after === null ? null : JSON.stringify(after) };
  });
  for (const rows of inParts(versions)) {
    await tx.insertInto('object_versions').values(rows).execute();
    await setImmediate(); // SQLite works in this thread, and others have their turn between
  }
  const kept = versions.flatMap(({ document, ...rest }) =>
    document === null ? [] : [{ ...rest, document }],
  );
  for (const rows of inParts(kept)) {
    await putObjects(tx, rows);
    await setImmediate();
  }
  for (const { kind, name, document } of versions) {
    if (document !== null) continue;
    await tx.deleteFrom('objects').where('kind', '=', kind).where('name', '=', name).execute();
  }
}

async function putObjects(tx: Queries, rows: readonly Insertable<Tables['objects']>[]): Promise<void> {
  const put = tx.insertInto('objects').values(rows);
  await put
    .onConflict((conflict) =>
      conflict.columns(['kind', 'name']).doUpdateSet((eb) => ({
        workspace: eb.ref('excluded.workspace'),
        document: eb.ref('excluded.document'),
        revision: eb.ref('excluded.revision'),
      })),
    )
    .execute();
}

/** Parts that fit into one statement. */
export function* inParts<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += ROWS) yield rows.slice(at, at + ROWS);
}

async function summaryOf(db: Queries, number: number): Promise<RevisionSummary | null> {
  const row = await db.selectFrom('revisions').selectAll().where('number', '=', number).executeTakeFirst();
  return row === undefined ? null : toSummary(row);
}

/** What a revision changed: its versions, and those before them. */
async function changesOf(db: Queries, number: number): Promise<ObjectChange[]> {
  const rows = await db
    .selectFrom('object_versions as version')
    .select(['kind', 'name', 'workspace', 'document'])
    .select((eb) =>
      eb
        .selectFrom('object_versions as previous')
        .select('previous.document')
        .whereRef('previous.kind', '=', 'version.kind')
        .whereRef('previous.name', '=', 'version.name')
        .where('previous.revision', '<', number)
        .orderBy('previous.revision', 'desc')
        .limit(sql.lit(1))
        .as('before'),
    )
    .where('revision', '=', number)
    .orderBy('kind')
    .orderBy('name')
    .execute();
  return rows.map(({ kind, name, workspace, document, before }) => {
    return {
      kind: kind as Kind,
      name,
      workspace,
      before: maybeDocument(before),
      after: maybeDocument(document),
    };
  });
}

function toRow(draft: Draft, number: number, at: number): Summary {
  const { author, address, origin, message, risks, changes } = draft;
  return {
    number,
    at,
    author: storable(author),
    address: storable(address),
    origin,
    message: storable(message),
    risks: JSON.stringify(risks),
    change_count: changes.length,
  };
}

function toSummary({
  number,
  at,
  author,
  address,
  origin,
  message,
  risks,
  change_count,
}: Summary): RevisionSummary {
  return {
    number,
    at,
    author,
    address,
    origin: origin as Revision['origin'],
    message,
    risks: JSON.parse(risks) as Risk[],
    changeCount: change_count,
  };
}
