import { type Issue, pointerOf } from '@turnpike/config';
import type { Workspace } from './callers.ts';
import { problemOf } from './documents.ts';
import { isEqual } from './json.ts';
import type { JsonObject, ObjectChange, ObjectRef, StoredObject } from './objects.ts';
import { type Steering, steeredLoad } from './quarantine.ts';
import type { Risk } from './revisions.ts';
import { systemClock } from './ports.ts';
import { freshIn } from './risks/certificate-risks.ts';
import { risksOf } from './risks/risks.ts';
import type { Sealer } from './sealer.ts';
import { keepHidden, openDocument, sealDocument } from './secrets.ts';
import { nameOf, placeOf } from './sources.ts';
import { type Steered, statusOf } from './statuses.ts';
import { workspaceIssues } from './workspaces.ts';

/** Nobody can check changes at the moment: too many wait, or whoever does it has broken down. */
export class CheckUnavailable extends Error {
  override readonly name = 'CheckUnavailable';
}

/** What an object is to become; `document` null: nothing. */
export interface Wish extends ObjectRef {
  readonly workspace: string;
  /** As people write it; `***` keeps the secret that was there. */
  readonly document: JsonObject | null;
}

/** What would come of wishes. */
export type Judgement =
  | {
      readonly kind: 'fits';
      /** Only what really changes, with secrets sealed. */
      readonly changes: readonly ObjectChange[];
      readonly risks: readonly Risk[];
      readonly warnings: readonly Issue[];
    }
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] };

/** What wishes are judged against. */
export interface Planning {
  /** Its `open` is that of the sealer. */
  readonly steering: Steering;
  readonly sealer: Sealer;
  readonly workspaces: readonly Workspace[];
  /** All objects of the database, with their secrets sealed. */
  readonly now: readonly StoredObject[];
  /** What they are as they are, if somebody has loaded just these; else they are loaded. */
  readonly steered?: Steered | undefined;
  /** A certificate may have ended: part of what was there before, which comes back as it was. */
  readonly takesExpired?: boolean;
}

/** Of an object that is not committed yet: later than all that are. */
const NEXT = Number.MAX_SAFE_INTEGER;

/**
 * What would come of wishes. They are loaded together with everything else, as gateways will load them; what was in
 * quarantine before may stay there, but nothing may come into it by them.
 */
export async function judge(wishes: readonly Wish[], planning: Planning): Promise<Judgement> {
  const before = new Map(planning.now.map((object) => [nameOf(object), object]));
  const made = wishes.map((wish) => makeObject(wish, before.get(nameOf(wish)), planning.sealer));
  const faulty = made.flatMap(({ issues }) => issues);
  if (faulty.length > 0) return { kind: 'rejected', issues: faulty };
  const after = new Map(before);
  for (const [index, { object }] of made.entries()) {
    const name = nameOf(wishes[index] as Wish);
    if (object === null) after.delete(name);
    else after.set(name, object);
  }
  const changes = wishes.flatMap((wish) => changeOf(wish, { before, after }));
  if (changes.length === 0) return { kind: 'fits', changes, risks: [], warnings: [] };
  return compare(changes, [...after.values()], planning);
}

async function compare(
  changes: readonly ObjectChange[],
  objects: readonly StoredObject[],
  planning: Planning,
): Promise<Judgement> {
  const { steering, now } = planning;
  const was = planning.steered ?? (await steeredLoad(steering, now));
  const is = await steeredLoad(steering, objects);
  const issues = [
    ...fallenBy(changes, { was, is }, objects),
    ...errorsOf(is),
    ...(planning.takesExpired === true ? [] : endedCertificates(changes, { was, is }, objects)),
    ...beyondWorkspaces(changes, { was, is }, { ...planning, objects }),
  ];
  if (issues.length > 0 || is.loaded.config === null) return { kind: 'rejected', issues };
  const known = new Set(was.loaded.issues.map(textOf));
  const warnings = is.loaded.issues.filter((issue) => !known.has(textOf(issue)));
  const { config } = was.loaded;
  const risks = config === null ? [] : risksOf({ before: config, after: is.loaded.config });
  return { kind: 'fits', changes, risks, warnings };
}

interface Made {
  readonly object: StoredObject | null;
  readonly issues: readonly Issue[];
}

/** The object that a wish is for, as it is stored. */
function makeObject(wish: Wish, before: StoredObject | undefined, sealer: Sealer): Made {
  const { kind, name, workspace, document } = wish;
  if (document === null) return { object: null, issues: [] };
  // Where names are members of an object, it would be none.
  if (name === '__proto__') return refused(wish, `${nameOf(wish)}: nothing can have this name`);
  const problem = problemOf(document);
  if (problem !== null) return refused(wish, `${nameOf(wish)}: ${problem}`);
  try {
    const open = openDocument(wish, document, sealer);
    const old = before === undefined ? null : openIfPossible(before, sealer);
    const { document: kept, missing } = keepHidden(wish, open, old);
    const issues = missing.map((pointer) => missingSecret(wish, pointer));
    const isSame =
      before !== undefined && old !== null && isEqual(old, kept) && before.workspace === workspace;
    // The stored one stays as it is: sealed anew it would look like another.
    if (isSame) return { object: before, issues };
    const sealed = sealDocument(wish, kept, sealer);
    return { object: { kind, name, workspace, document: sealed, revision: NEXT }, issues };
  } catch (error) {
    return refused(
      wish,
      `${nameOf(wish)}: ${error instanceof Error ? error.message : 'its secrets cannot be kept'}`,
    );
  }
}

/** What cannot be opened any more can still be replaced. */
function openIfPossible(object: StoredObject, sealer: Sealer): JsonObject | null {
  try {
    return openDocument(object, object.document, sealer);
  } catch {
    return null; // `***` then stands for nothing, which is told
  }
}

function changeOf(
  wish: Wish,
  { before, after }: Record<'before' | 'after', ReadonlyMap<string, StoredObject>>,
): ObjectChange[] {
  const { kind, name, workspace } = wish;
  const [was, is] = [before.get(nameOf(wish)), after.get(nameOf(wish))];
  if (was === is) return [];
  return [{ kind, name, workspace, before: was?.document ?? null, after: is?.document ?? null }];
}

interface Both {
  readonly was: Steered;
  readonly is: Steered;
}

/** What is in quarantine after a change and was not before, and what was changed and still is. */
function fallenBy(
  changes: readonly ObjectChange[],
  { was, is }: Both,
  objects: readonly StoredObject[],
): Issue[] {
  if (is.exceptions.size === 0) return [];
  const changed = new Set(changes.map(nameOf));
  return objects.flatMap((object) => {
    const status = statusOf(is, object);
    if (status.state === 'active') return [];
    const wasActive = statusOf(was, object).state === 'active';
    if (!changed.has(nameOf(object)) && (!wasActive || status.state === 'shadowed')) return [];
    return status.issues.length > 0 ? status.issues : refused(object, status.reason).issues;
  });
}

/** Errors of files; of objects there are none left but those that are in quarantine. */
function errorsOf({ loaded, exceptions }: Steered): Issue[] {
  const told = new Set([...exceptions.values()].flatMap(({ issues }) => issues));
  return loaded.issues.filter((issue) => issue.severity === 'error' && !told.has(issue));
}

/** One that ends while it is in use stays in use; nobody begins with one that has ended. */
function endedCertificates(
  changes: readonly ObjectChange[],
  { was, is }: Both,
  objects: readonly StoredObject[],
): Issue[] {
  const [before, after] = [was.loaded.config, is.loaded.config];
  if (after === null) return [];
  const changed = new Set(changes.map(nameOf));
  const fresh = freshIn({ before: before ?? { certificates: [] }, after });
  const ended = fresh.filter(({ expiresAtMs }) => expiresAtMs <= systemClock.epoch());
  return ended.flatMap(({ id, expiresAtMs }) => {
    const object = objects.find((one) => one.kind === 'certificates' && one.name === id);
    if (object === undefined || !changed.has(nameOf(object))) return [];
    const day = new Date(expiresAtMs).toISOString().slice(0, 10);
    return [issueOf(object, `certificates.${id}: the certificate has expired on ${day}`)];
  });
}

/** Only what a change brings about: bounds that came later do not stand in the way of the rest. */
function beyondWorkspaces(
  changes: readonly ObjectChange[],
  { was, is }: Both,
  { now, objects, workspaces }: Planning & { readonly objects: readonly StoredObject[] },
): Issue[] {
  const issuesOf = ({ loaded: { config, inFiles } }: Steered, all: readonly StoredObject[]): Issue[] => {
    const isInFiles = ({ kind, name }: ObjectRef): boolean => inFiles(kind, name) !== null;
    return config === null ? [] : workspaceIssues(config, { objects: all, workspaces, isInFiles });
  };
  const changed = new Set(changes.map(({ kind, name }) => pointerOf([kind, name])));
  const known = new Set(issuesOf(was, now).map(textOf));
  return issuesOf(is, objects).filter((issue) => changed.has(issue.pointer) || !known.has(textOf(issue)));
}

function textOf({ code, file, message, pointer }: Issue): string {
  return JSON.stringify([code, file, message, pointer]);
}

function missingSecret(wish: Wish, pointer: string): Issue {
  const message = `${nameOf(wish)}: *** at ${pointer} keeps a secret, but it is not clear which, or there is none; write the secret`;
  return { ...issueOf(wish, message), pointer: pointerOf([wish.kind, wish.name]) + pointer };
}

function refused(wish: ObjectRef & { readonly workspace: string }, message: string): Made {
  return { object: null, issues: [issueOf(wish, message)] };
}

function issueOf(object: ObjectRef & { readonly workspace: string }, message: string): Issue {
  const pointer = pointerOf([object.kind, object.name]);
  return {
    code: 'BAD_VALUE',
    message,
    file: placeOf(object),
    line: 1,
    column: 1,
    pointer,
    severity: 'error',
  };
}
