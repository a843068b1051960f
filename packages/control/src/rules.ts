import type { WrittenEntry } from '@turnpike/config/load';
import type { FileObject, ObjectStatus, RulesPort } from './api/ports.ts';
import type { Checker } from './checker.ts';
import { readDocument, writeDocument, writeDocumentYaml } from './domain/documents.ts';
import { fieldsOf } from './domain/fields.ts';
import { isObject } from './domain/json.ts';
import {
  type Json,
  type JsonObject,
  KINDS,
  type Kind,
  type ObjectChange,
  type StoredObject,
} from './domain/objects.ts';
import { judge } from './domain/plan.ts';
import type { Steering } from './domain/quarantine.ts';
import type { Sealer } from './domain/sealer.ts';
import { hide, openDocument } from './domain/secrets.ts';
import { isSameVersion, nameOf } from './domain/sources.ts';
import { statusOf, type Steered } from './domain/statuses.ts';
import type { Store } from './domain/store.ts';

/** What this gateway has taken over, and the objects that it was made of. */
export interface TakenOver extends Steered {
  readonly objects: readonly StoredObject[];
}

/** What the rules are held against. */
export interface RulesParts {
  readonly steering: Steering;
  readonly sealer: Sealer;
  readonly store: Pick<Store, 'workspaces'>;
  /** null: nothing yet. */
  readonly current: () => TakenOver | null;
  /** What checks away from this thread; null: nothing does. */
  readonly checker: () => Checker | null;
  /** What the gateway serves. */
  readonly standing: RulesPort['standing'];
  /** Counts how often files and objects were loaded: files may be others each time. */
  readonly loads: () => number;
}

/** From so many characters of YAML on it takes longer than a health check may wait. */
const LONG_TEXT = 20_000;
/** Objects, routes and services: as many as are loaded in some 20 ms. */
const MUCH = 400;

/** Whether a check is worth its way to another thread. */
export function isMuch(objects: number, taken: Steered | null): boolean {
  const { routes = [], services = [] } = taken?.loaded.config ?? {};
  return objects + routes.length + services.length > MUCH;
}

/** The rules of the domain over the files and the database of this gateway. */
export function rulesOver({
  steering,
  sealer,
  store,
  current,
  checker,
  loads,
  standing,
}: RulesParts): RulesPort {
  return {
    judge: async (now, wishes, options) => {
      const workspaces = await store.workspaces.list();
      const known = current();
      const helper = checker();
      if (helper !== null && isMuch(now.length + wishes.length, known)) {
        const { takesExpired = false } = options ?? {};
        return helper.judge({ now, wishes, workspaces, load: loads(), takesExpired });
      }
      const steered = known !== null && isSameState(known.objects, now) ? known : undefined;
      return judge(wishes, { steering, sealer, workspaces, now, steered, ...options });
    },
    standing,
    shown: (ref, document) => hide(ref, document),
    fields: (change) => fieldsOf({ ...change, ...openSides(change, sealer) }),
    readDocument: async (sent) => {
      const helper = checker();
      const isLong = typeof sent === 'string' && sent.length > LONG_TEXT;
      return helper !== null && isLong ? helper.read(sent) : readDocument(sent);
    },
    writeDocument,
    writeYaml: async (document) => {
      const helper = checker();
      const entries = Object.values(document).reduce<number>((sum, all) => sum + countIn(all), 0);
      return helper !== null && entries > MUCH ? helper.write(document) : writeDocumentYaml(document);
    },
    fileObject: ({ kind, name }) => filesOf(current()).get(kind)?.get(name) ?? null,
    fileObjects: (kind) => [...(filesOf(current()).get(kind)?.values() ?? [])],
    status: (object) => statusIn(current(), object),
    effective: () => effective(current(), steering),
  };
}

/** Entries of a section. */
function countIn(section: Json | undefined): number {
  return isObject(section) ? Object.keys(section).length : 0;
}

function isSameState(one: readonly StoredObject[], other: readonly StoredObject[]): boolean {
  if (one.length !== other.length) return false;
  const known = new Map(one.map((object) => [nameOf(object), object]));
  return other.every((object) => isSameVersion(known.get(nameOf(object)), object));
}

/** For comparing what people see: secrets that cannot be opened stay closed. */
function openSides(change: ObjectChange, sealer: Sealer): Pick<ObjectChange, 'before' | 'after'> {
  const side = (document: JsonObject | null): JsonObject | null => {
    try {
      return document === null ? null : openDocument(change, document, sealer);
    } catch {
      return document; // the key is gone; the text differs where the secret does
    }
  };
  return { before: side(change.before), after: side(change.after) };
}

type FileObjects = ReadonlyMap<Kind, ReadonlyMap<string, FileObject>>;

const known = new WeakMap<Steered, FileObjects>();

/** What files have, by kind and in order of names. Made once for each configuration: every change asks for all that it names. */
function filesOf(steered: Steered | null): FileObjects {
  if (steered === null) return new Map();
  const made = known.get(steered) ?? new Map(KINDS.map((kind) => [kind, objectsInFiles(kind, steered)]));
  known.set(steered, made);
  return made;
}

function objectsInFiles(kind: Kind, { loaded }: Steered): ReadonlyMap<string, FileObject> {
  const objects = loaded.entriesIn(kind).map(({ name, value, origin }: WrittenEntry) => ({
    kind,
    name,
    document: hide({ kind }, isObject(value) ? value : {}),
    file: origin.file,
    line: origin.line,
  }));
  return new Map(objects.sort((a, b) => (a.name < b.name ? -1 : 1)).map((object) => [object.name, object]));
}

/** Files and objects as they are in use, in one document. */
async function effective(
  steered: TakenOver | null,
  { history }: Pick<Steering, 'history'>,
): Promise<JsonObject | null> {
  if (steered === null) return null;
  const used = await Promise.all(
    steered.objects.map(async (object) => ({
      object,
      document: await usedDocument(object, steered, history),
    })),
  );
  const sections = KINDS.map((kind): [string, JsonObject] => {
    const files = [...(filesOf(steered).get(kind)?.values() ?? [])].map(({ name, document }) => [
      name,
      document,
    ]);
    const ours = used.flatMap(({ object, document }) =>
      object.kind === kind && document !== null ? [[object.name, hide(object, document)]] : [],
    );
    return [kind, Object.fromEntries([...files, ...ours]) as JsonObject];
  });
  return Object.fromEntries(sections);
}

/** The version that is in use; null: none is. */
async function usedDocument(
  object: StoredObject,
  steered: Steered,
  history: Steering['history'],
): Promise<JsonObject | null> {
  const { usedRevision } = statusOf(steered, object);
  if (usedRevision === null || usedRevision === object.revision)
    return usedRevision === null ? null : object.document;
  const versions = await history(object);
  return versions.find(({ revision }) => revision === usedRevision)?.document ?? null;
}

function statusIn(steered: Steered | null, object: StoredObject): ObjectStatus {
  if (steered === null) return { state: 'active', reason: '', usedRevision: null };
  const { state, reason, usedRevision } = statusOf(steered, object);
  return { state, reason, usedRevision };
}
