import type { JsonObject, Kind, ObjectRef, ObjectVersion, StoredObject } from '../domain/objects.ts';
import type { ObjectStore } from '../domain/store.ts';
import type { Database } from './database.ts';
import { sql } from './kysely.ts';
import { numberBefore, page, rowsFor } from './pages.ts';
import type { Queries } from './tables.ts';
import { anywhere } from './texts.ts';

/** A row of `objects` or of `object_versions`. */
interface Row<D extends string | null> {
  readonly kind: string;
  readonly name: string;
  readonly workspace: string;
  readonly document: D;
  readonly revision: number;
}

const COLUMNS = ['kind', 'name', 'workspace', 'document', 'revision'] as const;

/** Objects as they are, and every version that they ever had. */
export function objectStore({ read }: Database): ObjectStore {
  return {
    find: ({ kind, name }) =>
      read(async (db) => {
        const found = db
          .selectFrom('objects')
          .select(COLUMNS)
          .where('kind', '=', kind)
          .where('name', '=', name);
        const row = await found.executeTakeFirst();
        return row === undefined ? null : toObject(row);
      }),
    list: ({ kind, workspaces, search }, query) =>
      read(async (db) => {
        let found = db.selectFrom('objects').select(COLUMNS).where('kind', '=', kind);
        if (workspaces?.length === 0) return { items: [], next: null };
        if (workspaces !== null) found = found.where('workspace', 'in', workspaces);
        if (query.after !== null) found = found.where('name', '>', query.after);
        if (search !== '') found = found.where(sql`lower(name)`, 'like', like(search));
        const rows = await found.orderBy('name').limit(rowsFor(query)).execute();
        return page(rows, query, { item: toObject, cursor: ({ name }) => name });
      }),
    at: (revision) =>
      read(async (db) => {
        const latest = await latestVersions(db, 0, revision).where('document', 'is not', null).execute();
        return latest.map((row) => toObject({ ...row, document: row.document ?? '{}' }));
      }),
    changed: (after, upTo) =>
      read(async (db) => (await latestVersions(db, after, upTo).execute()).map(toVersion)),
    history: ({ kind, name }: ObjectRef, query) =>
      read(async (db) => {
        const found = db
          .selectFrom('object_versions')
          .select(COLUMNS)
          .where('kind', '=', kind)
          .where('name', '=', name)
          .where('revision', '<', numberBefore(query));
        const rows = await found.orderBy('revision', 'desc').limit(rowsFor(query)).execute();
        return page(rows, query, { item: toVersion, cursor: ({ revision }) => revision });
      }),
  };
}

function like(search: string) {
  return sql<string>`${anywhere(search)} escape '\\'`;
}

/** Of each object that was changed after one revision and up to another the last version of these, in order. */
function latestVersions(db: Queries, after: number, upTo: number) {
  return db
    .selectFrom('object_versions as version')
    .select(COLUMNS)
    .where('revision', '>', after)
    .where('revision', '<=', upTo)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('object_versions as later')
            .select('later.revision')
            .whereRef('later.kind', '=', 'version.kind')
            .whereRef('later.name', '=', 'version.name')
            .whereRef('later.revision', '>', 'version.revision')
            .where('later.revision', '<=', upTo),
        ),
      ),
    )
    .orderBy('kind')
    .orderBy('name');
}

/** What is in a column is what we have written. */
function documentOf(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}

/** The same, of what may be removed. */
export function maybeDocument(text: string | null): JsonObject | null {
  return text === null ? null : documentOf(text);
}

function toObject({ kind, name, workspace, document, revision }: Row<string>): StoredObject {
  return { kind: kind as Kind, name, workspace, document: documentOf(document), revision };
}

function toVersion({ kind, name, workspace, document, revision }: Row<string | null>): ObjectVersion {
  return { kind: kind as Kind, name, workspace, document: maybeDocument(document), revision };
}
