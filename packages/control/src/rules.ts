import type { GatewayConfig, Issue } from '@turnpike/config';
import type { Loaded, Loader, WrittenEntry } from '@turnpike/config/load';
import type { FileObject, Judgement, ObjectStatus, RulesPort, Wish } from './api/ports.ts';
import { fieldsOf } from './domain/fields.ts';
import { isEqual, isObject } from './domain/json.ts';
import type { JsonObject, ObjectChange, ObjectRef, StoredObject } from './domain/objects.ts';
import { steeredLoad, type Steering } from './domain/quarantine.ts';
import { risksOf } from './domain/risks/risks.ts';
import type { Sealer } from './domain/sealer.ts';
import { hide, keepHidden, openDocument, sealDocument } from './domain/secrets.ts';
import { nameOf, placeOf } from './domain/sources.ts';
import { quarantinedOf, statusOf, type Steered } from './domain/statuses.ts';

/** What the rules are held against. */
export interface RulesParts {
  readonly load: Loader;
  readonly paths: readonly string[];
  readonly check: Steering['check'];
  readonly history: Steering['history'];
  readonly sealer: Sealer;
  /** The configuration that is in use, and what became of objects. */
  readonly current: () => Steered | null;
  readonly config: () => GatewayConfig;
  /** The one in use without secrets. */
  readonly view: () => unknown;
}

type Documents = Pick<RulesPort, 'readDocument' | 'writeDocument' | 'writeYaml'>;

/** The rules of the domain over the files and the database of this gateway. */
export function rulesOver(parts: RulesParts, documents: Documents): RulesPort {
  const { sealer, current, view } = parts;
  return {
    ...documents,
    judge: (now, wishes) => judge(now, wishes, parts),
    shown: (ref, document) => hide(ref, document),
    fields: (change) => fieldsOf({ ...change, ...openSides(change, sealer) }),
    fileObject: (ref) => fileObjects(ref.kind, current()).find(({ name }) => name === ref.name) ?? null,
    fileObjects: (kind) => fileObjects(kind, current()).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    status: (object) => statusIn(current(), object),
    effective: () => view() as JsonObject | null,
  };
}

/**
 * What would come of wishes. They are loaded together with all that is there, by the loader and the checks of files: what then
 * does not fit any more, a wish itself or what needs what it removes, is the reason to refuse them. What did not fit before is not.
 */
async function judge(
  now: readonly StoredObject[],
  wishes: readonly Wish[],
  parts: RulesParts,
): Promise<Judgement> {
  const { sealer, load, paths, check, history, current, config } = parts;
  const before = new Map(now.map((object) => [nameOf(object), object]));
  const after = new Map(before);
  const changes: ObjectChange[] = [];
  const faults: Issue[] = [];
  for (const wish of wishes) {
    const was = before.get(nameOf(wish)) ?? null;
    const made = wish.document === null ? null : madeOf(wish, was, { sealer, faults });
    if (isSame(was, made, sealer)) continue;
    const { kind, name, workspace } = wish;
    changes.push({ kind, name, workspace, before: was?.document ?? null, after: made?.document ?? null });
    if (made === null) after.delete(nameOf(wish));
    else after.set(nameOf(wish), made);
  }
  if (faults.length > 0) return { kind: 'rejected', issues: faults };
  if (changes.length === 0) return { kind: 'fits', changes, risks: [], warnings: [] };

  const opened = [...after.values()].map((object) => open(object, sealer));
  const steered = await steeredLoad({ load, paths, history, ...(check && { check }) }, opened);
  const known = new Set(quarantinedOf(current() ?? steered));
  const wished = new Set(wishes.map(nameOf));
  const fallen = [...steered.exceptions].filter(
    ([name, { state }]) => state === 'quarantined' && (wished.has(name) || !known.has(name)),
  );
  const issues = fallen.flatMap(([name, { issues: own, reason }]) =>
    own.length > 0 ? own : [issueOf(name, reason)],
  );
  const { loaded } = steered;
  if (issues.length > 0) return { kind: 'rejected', issues };
  if (loaded.config === null) return { kind: 'rejected', issues: errorsOf(loaded) };
  const places = new Set(changes.map((change) => placeOf(change)));
  return {
    kind: 'fits',
    changes,
    risks: risksOf({ before: config(), after: loaded.config }),
    warnings: loaded.issues.filter(({ file, severity }) => severity === 'warning' && places.has(file)),
  };
}

interface Making {
  readonly sealer: Sealer;
  /** Hears of `***` that stands for nothing. */
  readonly faults: Issue[];
}

/** The object as it is to be stored: with the secrets that `***` stands for, and all of them sealed. */
function madeOf(wish: Wish, was: StoredObject | null, { sealer, faults }: Making): StoredObject {
  const { kind, name, workspace, document } = wish;
  const before = was === null ? null : openDocument(was, was.document, sealer);
  const kept = keepHidden(wish, openDocument(wish, document ?? {}, sealer), before);
  for (const pointer of kept.missing) {
    const message = `${nameOf(wish)}: *** stands for a secret that was there before, and there is none; write the secret`;
    faults.push({ ...issueOf(placeOf(wish), message), pointer });
  }
  const sealed = sealDocument(wish, kept.document, sealer);
  return { kind, name, workspace, document: sealed, revision: Number.MAX_SAFE_INTEGER };
}

function isSame(was: StoredObject | null, made: StoredObject | null, sealer: Sealer): boolean {
  if (was === null || made === null) return was === made;
  if (was.workspace !== made.workspace) return false;
  return isEqual(open(was, sealer).document, open(made, sealer).document);
}

/** An object with its secrets. */
export function open(object: StoredObject, sealer: Sealer): StoredObject {
  return { ...object, document: openDocument(object, object.document, sealer) };
}

function openSides(change: ObjectChange, sealer: Sealer): Pick<ObjectChange, 'before' | 'after'> {
  const side = (document: JsonObject | null) =>
    document === null ? null : openDocument(change, document, sealer);
  return { before: side(change.before), after: side(change.after) };
}

function fileObjects(kind: ObjectRef['kind'], steered: Steered | null): FileObject[] {
  const written = steered?.loaded.written(kind) ?? [];
  return written.map(({ name, value, origin }: WrittenEntry) => ({
    kind,
    name,
    document: hide({ kind }, isObject(value) ? value : {}),
    file: origin.file,
    line: origin.line,
  }));
}

function statusIn(steered: Steered | null, object: StoredObject): ObjectStatus {
  if (steered === null) return { state: 'active', reason: '', usedRevision: null };
  const { state, reason, usedRevision } = statusOf(steered, object);
  return { state, reason, usedRevision };
}

function errorsOf({ issues }: Loaded): readonly Issue[] {
  return issues.filter(({ severity }) => severity === 'error');
}

function issueOf(file: string, message: string): Issue {
  return { code: 'BAD_VALUE', message, file, line: 1, column: 1, pointer: '', severity: 'error' };
}
