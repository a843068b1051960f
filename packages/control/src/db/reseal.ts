import type { Json, JsonObject } from '../domain/objects.ts';
import { type Place, SHARED_KIND } from '../domain/sealer.ts';
import type { Database } from './database.ts';
import { sql } from './kysely.ts';
import type { RotatingSealer } from './sealing.ts';
import type { Queries } from './tables.ts';

/** Versions in one transaction. */
const PART = 200;

/** Which version was looked at last. */
interface Cursor {
  readonly kind: string;
  readonly name: string;
  readonly revision: number;
}

/**
 * Seals every secret of the database with the key that seals now, in what is and in what was. No revision comes of it: the
 * documents mean the same. It may be broken off and begun again. Gives how many values were sealed anew; rejects with
 * `CannotOpen` when one cannot be opened.
 */
export async function resealAll({ write }: Database, sealer: RotatingSealer): Promise<number> {
  let count = 0;
  for (let after: Cursor | null = { kind: '', name: '', revision: 0 }; after !== null;) {
    const from: Cursor = after;
    const part = await write((tx) => resealPart(tx, from, sealer));
    count += part.count;
    after = part.last;
  }
  return count + (await write((tx) => resealShared(tx, sealer)));
}

/** Few: two or three for each certificate that is fetched. */
async function resealShared(tx: Queries, sealer: RotatingSealer): Promise<number> {
  const rows = await tx.selectFrom('shared_texts').selectAll().execute();
  const old = rows.filter(({ value }) => sealer.isSealed(value) && !sealer.isCurrent(value));
  for (const { name, value: text } of old) {
    const place = { kind: SHARED_KIND, name, pointer: '' };
    const value = sealer.seal(sealer.open(text, place), place);
    // Unless a gateway has written it meanwhile, with the key of now.
    const update = tx.updateTable('shared_texts').set({ value });
    await update.where('name', '=', name).where('value', '=', text).execute();
  }
  return old.length;
}

async function resealPart(
  tx: Queries,
  after: Cursor,
  sealer: RotatingSealer,
): Promise<{ count: number; last: Cursor | null }> {
  // Nobody commits meanwhile.
  await tx
    .updateTable('counters')
    .set({ value: sql`value` })
    .where('name', '=', 'revision')
    .execute();
  const rows = await tx
    .selectFrom('object_versions')
    .select(['kind', 'name', 'revision', 'document'])
    .where(sql<boolean>`(kind, name, revision) > (${after.kind}, ${after.name}, ${after.revision})`)
    .orderBy('kind')
    .orderBy('name')
    .orderBy('revision')
    .limit(PART)
    .execute();
  let count = 0;
  for (const { kind, name, revision, document: text } of rows) {
    if (text === null) continue;
    const resealed = resealDocument(JSON.parse(text) as JsonObject, { kind, name }, sealer);
    if (resealed.count === 0) continue;
    count += resealed.count;
    const document = JSON.stringify(resealed.document);
    for (const table of ['object_versions', 'objects'] as const)
      await tx
        .updateTable(table)
        .set({ document })
        .where('kind', '=', kind)
        .where('name', '=', name)
        .where('revision', '=', revision)
        .execute();
  }
  return { count, last: rows.length < PART ? null : (rows.at(-1) ?? null) };
}

function resealDocument(
  document: JsonObject,
  owner: Omit<Place, 'pointer'>,
  sealer: RotatingSealer,
): { document: Json; count: number } {
  let count = 0;
  const walk = (value: Json, pointer: string): Json => {
    if (typeof value === 'string') {
      if (!sealer.isSealed(value) || sealer.isCurrent(value)) return value;
      const place = { ...owner, pointer };
      count++;
      return sealer.seal(sealer.open(value, place), place);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (isList(value)) return value.map((item, at) => walk(item, `${pointer}/${at}`));
    const members = Object.entries(value).map(([member, item]) => [
      member,
      walk(item, `${pointer}/${escaped(member)}`),
    ]);
    return Object.fromEntries(members) as JsonObject;
  };
  return { document: walk(document, ''), count };
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

/** RFC 6901 §3. */
function escaped(member: string): string {
  return member.replaceAll('~', '~0').replaceAll('/', '~1');
}
