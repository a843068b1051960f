import { DEFAULT_WORKSPACE, KINDS, type Kind, type ObjectRef, type StoredObject } from '../domain/objects.ts';
import { inNamed, workspacesOf } from './access.ts';
import { type Changed, ownedByFiles, titleOf } from './change.ts';
import { keyOf } from './heads.ts';
import type { Kit } from './kit.ts';
import { type Operation, operation, type Place } from './operation.ts';
import { CONDITIONS, etagOf, isKnown, READ_CONDITIONS, unmet } from './preconditions.ts';
import { answer, problem, type Reply } from './problems.ts';
import { foreign, optional, shape, text } from './schema.ts';
import { leftBy } from './show.ts';
import { CHANGE, nameOf, objectPlan, objectView, PAGE, page, versionView, WORKSPACE } from './views.ts';

/** Kinds as paths have them: `identityProviders` is `identity-providers`. */
export function segmentOf(kind: Kind): string {
  return kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** One object of each kind in words. */
export const SINGULAR: Readonly<Record<Kind, string>> = {
  services: 'service',
  routes: 'route',
  apis: 'api',
  consumers: 'consumer',
  identityProviders: 'identity provider',
  lists: 'list',
};

/** What one can do with the objects of the configuration, the same for each kind. */
export function objectOperations(kit: Kit): readonly Operation[] {
  return KINDS.flatMap((kind) => operationsOf(kind, kit));
}

/** The workspace of what is called so: where it is, or else where it is to be. */
export async function placeOfObject(
  ref: ObjectRef,
  wanted: string | undefined,
  { ports }: Kit,
): Promise<Place> {
  if (ports.rules.fileObject(ref) !== null) return { kind: 'workspace', name: DEFAULT_WORKSPACE };
  const found = await ports.store.objects.find(ref);
  return { kind: 'workspace', name: found?.workspace ?? wanted ?? DEFAULT_WORKSPACE };
}

function operationsOf(kind: Kind, kit: Kit): readonly Operation[] {
  const what = SINGULAR[kind];
  const idOf = (verb: string, plural = false) => {
    const words = (plural ? kind : what.replace(' p', 'P')).replace(/^./, (letter) => letter.toUpperCase());
    return `${verb}${words}`;
  };
  const path = `/v1/${segmentOf(kind)}/{name}`;
  const parameters = shape('', { name: nameOf(`the ${what}`, 'users') });
  const tag = segmentOf(kind);
  const place = (call: { path: { name: string }; query: { workspace?: string } }) =>
    placeOfObject({ kind, name: call.path.name }, call.query.workspace, kit);

  return [
    operation({
      id: idOf('list', true),
      method: 'GET',
      path: `/v1/${segmentOf(kind)}`,
      tag,
      summary: `Lists ${kind}`,
      description:
        'Objects of files and of the database, in order of names. A shadowed object stands beside the one of a file that has its name, and does not count for `limit`.',
      access: { role: 'viewer', within: 'any', place: inNamed },
      query: shape('', { ...PAGE, ...WORKSPACE, q: optional(text('Part of the name.', 128)) }),
      answers: { 200: { description: 'A page of them.', body: page(objectView) } },
      problems: [],
      handle: async ({ query, caller }) => {
        const { workspace } = query;
        const workspaces = workspace === undefined ? workspacesOf(caller, 'viewer') : [workspace];
        return listObjects(kind, { ...query, workspaces }, kit);
      },
    }),
    operation({
      id: idOf('get'),
      method: 'GET',
      path,
      tag,
      summary: `Shows one ${what}`,
      access: { role: 'viewer', within: 'workspace', place },
      parameters,
      query: shape('', WORKSPACE),
      headers: READ_CONDITIONS,
      answers: {
        200: { description: `The ${what}.`, body: objectView, headers: { ETag: 'Its version.' } },
        304: { description: 'It still is what you have.', body: null },
      },
      problems: ['NOT_FOUND'],
      handle: (call) => getObject({ kind, name: call.path.name }, call.header, kit),
    }),
    operation({
      id: idOf('put'),
      method: 'PUT',
      path,
      tag,
      summary: `Makes or replaces one ${what}`,
      description:
        'The body is what stands below the name in a configuration file. The same twice changes nothing the second time. `***` in place of a secret keeps the secret.',
      access: { role: 'editor', within: 'workspace', place },
      parameters,
      query: shape('', { ...CHANGE, ...WORKSPACE }),
      body: foreign(`The ${what}, as in a configuration file.`),
      bodyKind: kind,
      headers: CONDITIONS,
      answers: {
        200: {
          description: 'It was changed, or was like that already, or this is only the plan.',
          body: objectPlan,
          headers: { ETag: 'Its new version.' },
        },
        201: { description: 'It was made.', body: objectPlan, headers: { ETag: 'Its version.' } },
      },
      problems: OBJECT_PROBLEMS,
      handle: async (call) => {
        const { path, query, body } = call;
        const ref = { kind, name: path.name };
        return write({ ref, document: body as StoredObject['document'], query, call }, kit);
      },
    }),
    operation({
      id: idOf('delete'),
      method: 'DELETE',
      path,
      tag,
      summary: `Removes one ${what}`,
      description: 'One that a file shadows can be removed too: that changes nothing of what is in use.',
      access: { role: 'editor', within: 'workspace', place },
      parameters,
      query: shape('', { ...CHANGE, ...WORKSPACE }),
      headers: CONDITIONS,
      answers: { 200: { description: 'What was done, or would be.', body: objectPlan } },
      problems: [...OBJECT_PROBLEMS, 'NOT_FOUND'],
      handle: async (call) =>
        write({ ref: { kind, name: call.path.name }, document: null, query: call.query, call }, kit),
    }),
    operation({
      id: `${idOf('get')}History`,
      method: 'GET',
      path: `${path}/history`,
      tag,
      summary: `Lists the versions of one ${what}`,
      description: 'Newest first; also of one that was removed.',
      access: { role: 'viewer', within: 'workspace', place },
      parameters,
      query: shape('', { ...PAGE, ...WORKSPACE }),
      answers: { 200: { description: 'A page of them.', body: page(versionView) } },
      problems: [],
      handle: async ({ path, query, caller }) => {
        const seen = workspacesOf(caller, 'viewer');
        return historyOf({ kind, name: path.name }, { ...query, seen }, kit);
      },
    }),
  ];
}

/** What every change of the configuration may be refused with. */
export const CHANGE_PROBLEMS = [
  'ROLLOUT_RUNNING',
  'STALE',
  'PRECONDITION_FAILED',
  'CONFIG_REJECTED',
] as const;

/** What changes that name objects may be refused with beside that. */
export const OBJECT_PROBLEMS = [...CHANGE_PROBLEMS, 'OWNED_BY_FILES', 'OTHER_WORKSPACE'] as const;

interface ListWish {
  readonly limit?: number;
  readonly after?: string;
  readonly q?: string;
  readonly workspaces: readonly string[] | null;
}

/** Two sorted lists as one. */
async function listObjects(kind: Kind, wish: ListWish, { ports, show }: Kit): Promise<Reply> {
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

async function getObject(
  ref: ObjectRef,
  header: (name: string) => string | undefined,
  { ports, show }: Kit,
): Promise<Reply> {
  const owned = ports.rules.fileObject(ref);
  if (owned !== null) return answer(200, show.ofFile(owned));
  const found = await ports.store.objects.find(ref);
  if (found === null) return problem('NOT_FOUND', { detail: titleOf(ref) });
  const etag = etagOf(found.revision);
  if (isKnown(header, etag)) return { status: 304, headers: { ETag: etag }, body: undefined };
  return answer(200, await show.stored(found), { ETag: etag });
}

interface Writing {
  readonly ref: ObjectRef;
  readonly document: StoredObject['document'] | null;
  readonly query: { readonly dryRun?: boolean; readonly message?: string; readonly workspace?: string };
  readonly call: Parameters<Operation['handle']>[0];
}

async function write({ ref, document, query, call }: Writing, kit: Kit): Promise<Reply> {
  const { dryRun = false, message = '' } = query;
  let before: StoredObject | undefined;
  const changed = await kit.changer.change({
    by: call,
    origin: 'api',
    message,
    isDryRun: dryRun,
    wishes: ({ objects }) => {
      before = objects.get(keyOf(ref));
      const isMissing = document === null && before === undefined;
      const owned = document === null && before !== undefined ? null : ownedByFiles([ref], kit.ports);
      if (owned !== null) return owned;
      const failed = unmet(call.header, before === undefined ? null : etagOf(before.revision));
      if (failed !== null) return failed;
      if (isMissing) return problem('NOT_FOUND', { detail: titleOf(ref) });
      const workspace = query.workspace ?? before?.workspace ?? DEFAULT_WORKSPACE;
      return [{ ...ref, workspace, document }];
    },
  });
  if (changed.kind === 'refused') return changed.reply;
  return written(changed, { ref, before, call }, kit);
}

async function written(
  changed: Changed & { kind: 'done' },
  { ref, before, call }: Pick<Writing, 'ref' | 'call'> & { readonly before: StoredObject | undefined },
  kit: Kit,
): Promise<Reply> {
  const { revision, changes } = changed;
  const plan = kit.show.plan(changed);
  const [own] = changes;
  if (revision === null || own === undefined) {
    if (before === undefined || changes.length > 0) return answer(200, plan);
    return answer(200, { ...plan, object: await kit.show.stored(before) }, { ETag: etagOf(before.revision) });
  }
  const after = leftBy(own, revision);
  const action = after === null ? 'object.delete' : 'object.put';
  await kit.audit.done(call, { action, target: titleOf(ref), workspace: own.workspace, revision });
  if (after === null) return answer(200, plan);
  const status = before === undefined ? 201 : 200;
  return answer(status, { ...plan, object: await kit.show.stored(after) }, { ETag: etagOf(revision) });
}

interface HistoryWish {
  readonly limit?: number;
  readonly after?: string | null;
  /** Workspaces that the caller may see; null: all. A name may have been in others before. */
  readonly seen: readonly string[] | null;
}

async function historyOf(
  ref: ObjectRef,
  { limit = 100, after = null, seen }: HistoryWish,
  { ports, show }: Kit,
): Promise<Reply> {
  const { items, next } = await ports.store.objects.history(ref, { limit, after });
  const shown = items.filter(({ workspace }) => seen?.includes(workspace) ?? true);
  const versions = shown.map(async ({ revision, workspace, document }) => ({
    revision,
    workspace,
    document: document === null ? null : ports.rules.shown(ref, document),
    ...(await show.writing(revision)),
  }));
  return answer(200, { items: await Promise.all(versions), next });
}
