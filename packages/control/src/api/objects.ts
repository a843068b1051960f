import { DEFAULT_WORKSPACE, type JsonObject, KINDS, type Kind, type ObjectRef } from '../domain/objects.ts';
import { inNamed, workspacesOf } from './access.ts';
import { titleOf } from './change.ts';
import type { Kit } from './kit.ts';
import { listObjects } from './list-objects.ts';
import { type Operation, operation, type Place } from './operation.ts';
import { answerTagged, CONDITIONS, etagOf, READ_CONDITIONS } from './preconditions.ts';
import { answer, problem, type Reply } from './problems.ts';
import { foreign, optional, shape, text } from './schema.ts';
import { CHANGE, nameOf, objectPlan, objectView, PAGE, page, versionView, WORKSPACE } from './views.ts';
import { writeObject } from './write-object.ts';

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
  certificates: 'certificate',
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
        return writeObject({ ref, document: body as JsonObject, query, call }, kit);
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
        writeObject({ ref: { kind, name: call.path.name }, document: null, query: call.query, call }, kit),
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
  'CHECK_UNAVAILABLE',
] as const;

/** What changes that name objects may be refused with beside that. */
export const OBJECT_PROBLEMS = [...CHANGE_PROBLEMS, 'OWNED_BY_FILES', 'OTHER_WORKSPACE'] as const;

async function getObject(
  ref: ObjectRef,
  header: (name: string) => string | undefined,
  { ports, show }: Kit,
): Promise<Reply> {
  const owned = ports.rules.fileObject(ref);
  if (owned !== null) return answer(200, show.ofFile(owned));
  const found = await ports.store.objects.find(ref);
  if (found === null) return problem('NOT_FOUND', { detail: titleOf(ref) });
  return answerTagged(header, await show.stored(found), etagOf(found.revision));
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
