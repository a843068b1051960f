import type { Caller } from '../domain/callers.ts';
import type { ObjectChange, StoredObject } from '../domain/objects.ts';
import type { Revision, RevisionSummary } from '../domain/revisions.ts';
import type { ObjectStore } from '../domain/store.ts';
import { anywhere, everywhere, workspacesOf } from './access.ts';
import { type Head, keyOf } from './heads.ts';
import type { Kit } from './kit.ts';
import { CHANGE_PROBLEMS } from './objects.ts';
import { type Operation, operation } from './operation.ts';
import type { Wish } from './ports.ts';
import { etagOf, HEAD_CONDITION, unmet } from './preconditions.ts';
import { answer, problem, type Reply } from './problems.ts';
import { integer, list, shape } from './schema.ts';
import { CHANGE, change, PAGE, page, plan, revisionSummary } from './views.ts';

const number = shape('', { n: integer('Number of the revision.', 1) });

const revisionView = shape('A numbered change, with what it changed.', {
  ...revisionSummary.properties,
  changes: list('By kind and name; only of workspaces that you may see.', change, 100_000),
});

/** The history of the configuration. */
export function revisionOperations(kit: Kit): readonly Operation[] {
  return [
    operation({
      id: 'listRevisions',
      method: 'GET',
      path: '/v1/revisions',
      tag: 'revisions',
      summary: 'Lists revisions',
      description: 'Newest first. Who may not see all workspaces is not told what was risky.',
      access: { role: 'viewer', within: 'any', place: anywhere },
      query: shape('', PAGE),
      answers: { 200: { description: 'A page of them.', body: page(revisionSummary) } },
      problems: [],
      handle: async ({ query: { limit = 100, after = null }, caller }) => {
        const { items, next } = await kit.ports.store.revisions.list({ limit, after });
        return answer(200, { items: items.map((one) => summaryFor(caller, one)), next });
      },
    }),
    operation({
      id: 'getRevision',
      method: 'GET',
      path: '/v1/revisions/{n}',
      tag: 'revisions',
      summary: 'Shows what a revision changed',
      access: { role: 'viewer', within: 'any', place: anywhere },
      parameters: number,
      answers: { 200: { description: 'The revision.', body: revisionView } },
      problems: ['NOT_FOUND'],
      handle: async ({ path, caller }) => {
        const found = await kit.ports.store.revisions.find(path.n);
        return found === null ? missing(path.n) : answer(200, await revisionFor(caller, found, kit));
      },
    }),
    operation({
      id: 'diffRevisions',
      method: 'GET',
      path: '/v1/revisions/{n}/diff',
      tag: 'revisions',
      summary: 'Compares the configuration at two revisions',
      access: { role: 'viewer', within: 'any', place: anywhere },
      parameters: number,
      query: shape('', { to: integer('The other revision.', 1) }),
      answers: {
        200: {
          description: 'What one would change to come from the first to the other.',
          body: shape('A comparison.', {
            from: integer('The first.'),
            to: integer('The other.'),
            changes: list('By kind and name.', change, 100_000),
          }),
        },
      },
      problems: ['NOT_FOUND'],
      handle: ({ path, query, caller }) => diff(path.n, query.to, { caller, kit }),
    }),
    operation({
      id: 'rollBack',
      method: 'POST',
      path: '/v1/revisions/{n}/rollback',
      tag: 'revisions',
      summary: 'Makes a new revision with the objects as they were',
      access: { role: 'editor', within: 'everywhere', place: everywhere },
      parameters: number,
      query: shape('', CHANGE),
      headers: HEAD_CONDITION,
      answers: {
        200: {
          description: 'What was done, or would be.',
          body: plan,
          headers: { ETag: 'Of the newest revision.' },
        },
      },
      problems: [...CHANGE_PROBLEMS, 'NOT_FOUND'],
      handle: (call) => rollBack(call as RollBackCall, kit),
    }),
  ];
}

type RollBackCall = Parameters<Operation['handle']>[0] & {
  readonly path: { readonly n: number };
  readonly query: { readonly dryRun?: boolean; readonly message?: string };
};

async function rollBack(call: RollBackCall, kit: Kit): Promise<Reply> {
  const { n } = call.path;
  const { dryRun = false, message = '' } = call.query;
  if ((await kit.ports.store.revisions.summary(n)) === null) return missing(n);
  const before = await kit.ports.store.objects.at(n);
  const changed = await kit.changer.change({
    by: call,
    origin: 'rollback',
    message: message === '' ? `back to ${n}` : message,
    isDryRun: dryRun,
    wishes: (now) => unmet(call.header, etagOf(now.revision)) ?? wishesFor(before, now),
  });
  if (changed.kind === 'refused') return changed.reply;
  const { revision } = changed;
  if (revision !== null) {
    const about = { target: `revision ${n}`, workspace: null, revision };
    await kit.audit.done(call, { action: 'revision.rollback', ...about });
  }
  const head = revision ?? (await kit.changer.head()).revision;
  return answer(200, await kit.show.plan(changed), { ETag: etagOf(head) });
}

/** What has to be wished so that objects become as they were. */
export function wishesFor(before: readonly StoredObject[], now: Head): readonly Wish[] {
  const then = new Map(before.map((object) => [keyOf(object), object]));
  return changesBetween(now.objects, then).map(({ kind, name, workspace, after }) => {
    return { kind, name, workspace, document: after };
  });
}

type Objects = ReadonlyMap<string, StoredObject>;

/** In order of kind and name. */
function changesBetween(from: Objects, to: Objects): readonly ObjectChange[] {
  const keys = [...new Set([...from.keys(), ...to.keys()])].sort();
  return keys.flatMap((key) => {
    const [before, after] = [from.get(key), to.get(key)];
    const known = after ?? before;
    if (known === undefined || before?.revision === after?.revision) return [];
    const documents = { before: before?.document ?? null, after: after?.document ?? null };
    const isSame =
      before?.workspace === after?.workspace &&
      JSON.stringify(documents.before) === JSON.stringify(documents.after);
    const { kind, name, workspace } = known;
    return isSame ? [] : [{ kind, name, workspace, ...documents }];
  });
}

async function diff(
  from: number,
  to: number,
  { caller, kit }: { readonly caller: Caller; readonly kit: Kit },
): Promise<Reply> {
  const { revisions, objects } = kit.ports.store;
  const newest = await revisions.head();
  if (Math.max(from, to) > newest) return missing(Math.max(from, to));
  const changes = await changesSeenBy(caller, { from, to }, objects);
  return answer(200, { from, to, changes: await kit.show.changes(changes) });
}

function mapOf(objects: readonly StoredObject[]): Objects {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

/** For a caller, what is in workspaces of others is not there: a name may have been in one of them before. */
async function changesSeenBy(
  caller: Caller,
  { from, to }: { readonly from: number; readonly to: number },
  objects: ObjectStore,
): Promise<readonly ObjectChange[]> {
  const seen = workspacesOf(caller, 'viewer');
  const seenAt = async (revision: number): Promise<Objects> => {
    const all = await objects.at(revision);
    return mapOf(all.filter(({ workspace }) => seen?.includes(workspace) ?? true));
  };
  return changesBetween(await seenAt(from), await seenAt(to));
}

/** Risks and reasons name objects of all workspaces. */
function summaryFor(
  caller: Caller,
  { number, at, author, address, origin, ...rest }: RevisionSummary,
): object {
  const seesAll = workspacesOf(caller, 'viewer') === null;
  const { message, risks, changeCount } = rest;
  const what = seesAll ? { message, risks } : { message: '', risks: [] };
  return { number, at, author, address, origin, ...what, changeCount };
}

async function revisionFor(caller: Caller, revision: Revision, { show, ports }: Kit): Promise<object> {
  const { number: to, changes } = revision;
  const seesAll = workspacesOf(caller, 'viewer') === null;
  const visible = seesAll ? changes : await changesSeenBy(caller, { from: to - 1, to }, ports.store.objects);
  return { ...summaryFor(caller, revision), changes: await show.changes(visible) };
}

function missing(n: number): Reply {
  return problem('NOT_FOUND', { detail: `there is no revision ${n}` });
}
