import { DEFAULT_WORKSPACE, type Kind, type ObjectRef } from '../domain/objects.ts';
import type { Kit } from './kit.ts';
import { answer, type Reply } from './problems.ts';

/** Which part of the objects of a kind. */
export interface ListWish {
  readonly limit?: number;
  readonly after?: string;
  readonly q?: string;
  readonly workspaces: readonly string[] | null;
}

/** Objects of files and of the database: two sorted lists as one. */
export async function listObjects(kind: Kind, wish: ListWish, { ports, show }: Kit): Promise<Reply> {
  const { limit = 100, after = null, q = '', workspaces } = wish;
  const seesFiles = workspaces?.includes(DEFAULT_WORKSPACE) ?? true;
  const search = q.toLowerCase();
  const inFiles = (seesFiles ? ports.rules.fileObjects(kind) : [])
    .filter(({ name }) => (after === null || name > after) && name.toLowerCase().includes(search))
    .slice(0, limit + 1);
  const filter = { kind, workspaces, search: q };
  const stored =
    workspaces?.length === 0
      ? { items: [], next: null }
      : await ports.store.objects.list(filter, { limit, after });
  const names = [...new Set([...inFiles, ...stored.items].map(({ name }) => name))].sort();
  const last = names[limit - 1];
  const isShown = ({ name }: ObjectRef): boolean => last === undefined || name <= last;
  const shown = [
    ...inFiles.filter(isShown).map((object) => ({ name: object.name, view: show.ofFile(object) })),
    ...(await Promise.all(
      stored.items
        .filter(isShown)
        .map(async (object) => ({ name: object.name, view: await show.stored(object) })),
    )),
  ].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const hasMore = names.length > limit || stored.next !== null;
  return answer(200, { items: shown.map(({ view }) => view), next: hasMore ? (last ?? null) : null });
}
