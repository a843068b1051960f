import type { GatewayConfig } from '@turnpike/config';
import type { WrittenEntry } from '@turnpike/config/load';
import type { FileObject, ObjectStatus, RulesPort } from './api/ports.ts';
import { readDocument, writeDocument, writeDocumentYaml } from './domain/documents.ts';
import { fieldsOf } from './domain/fields.ts';
import { isObject } from './domain/json.ts';
import type { JsonObject, ObjectChange, ObjectRef, StoredObject } from './domain/objects.ts';
import { judge } from './domain/plan.ts';
import type { Steering } from './domain/quarantine.ts';
import type { Sealer } from './domain/sealer.ts';
import { hide, openDocument } from './domain/secrets.ts';
import { nameOf } from './domain/sources.ts';
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
  readonly config: () => GatewayConfig;
  /** The one in use without secrets. */
  readonly view: () => unknown;
}

/** The rules of the domain over the files and the database of this gateway. */
export function rulesOver({ steering, sealer, store, current, view }: RulesParts): RulesPort {
  return {
    judge: async (now, wishes) => {
      const workspaces = await store.workspaces.list();
      const known = current();
      const steered = known !== null && isSameState(known.objects, now) ? known : undefined;
      return judge(wishes, { steering, sealer, workspaces, now, steered });
    },
    shown: (ref, document) => hide(ref, document),
    fields: (change) => fieldsOf({ ...change, ...openSides(change, sealer) }),
    readDocument,
    writeDocument,
    writeYaml: (document) => writeDocumentYaml(document),
    fileObject: (ref) => fileObjects(ref.kind, current()).find(({ name }) => name === ref.name) ?? null,
    fileObjects: (kind) => fileObjects(kind, current()).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    status: (object) => statusIn(current(), object),
    effective: () => view() as JsonObject | null,
  };
}

/** Versions never change, so the same versions are the same state. */
function isSameState(one: readonly StoredObject[], other: readonly StoredObject[]): boolean {
  if (one.length !== other.length) return false;
  const revisions = new Map(one.map((object) => [nameOf(object), object.revision]));
  return other.every((object) => revisions.get(nameOf(object)) === object.revision);
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

function fileObjects(kind: ObjectRef['kind'], steered: Steered | null): FileObject[] {
  const written = steered?.loaded.entriesIn(kind) ?? [];
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
