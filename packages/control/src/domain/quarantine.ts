import type { GatewayConfig, Issue } from '@turnpike/config';
import type { Loaded, Loader } from '@turnpike/config/load';
import { textAt } from './blame.ts';
import type { JsonObject, ObjectRef, ObjectVersion, StoredObject } from './objects.ts';
import { entriesOf, nameOf, placeOf } from './sources.ts';
import { createJudge } from './verdict.ts';
import { type ObjectStatus, shadowedOf, type Steered } from './statuses.ts';

/** How a configuration comes about. */
export interface Steering {
  readonly load: Loader;
  readonly paths: readonly string[];
  /** Versions of an object, newest first. */
  readonly history: (ref: ObjectRef) => Promise<readonly ObjectVersion[]>;
  /** The document of an object with its secrets; throws if they cannot be read. Documents are open already without it. */
  readonly open?: (ref: ObjectRef, document: JsonObject) => JsonObject;
  /** What only the gateway can see in a valid configuration, such as patterns that its route table refuses. */
  readonly check?: (config: GatewayConfig) => readonly Issue[];
}

/** How many older versions of an object are tried. */
const MAX_VERSIONS = 5;

/**
 * Loads files and objects. One bad object does not stand in the way of the rest: its last version that fits takes its place,
 * or it is left out, and what cannot do without it follows.
 *
 * Goes round by round: whoever is to blame for an error goes one version back. Nobody ever comes forward again, so it ends;
 * how often depends on how long chains of references are, not on how many objects there are. What is wrong with files is left
 * as it is: then there is no configuration.
 */
export async function steeredLoad(steering: Steering, objects: readonly StoredObject[]): Promise<Steered> {
  const used = new Map<string, StoredObject>();
  const fallen = new Map<string, Fallen>();
  for (const object of objects) {
    const opened = open(steering, object);
    if ('code' in opened) await stepBack(object, [opened], { steering, used, fallen });
    else used.set(nameOf(object), opened);
  }
  const judge = createJudge((some) => loadAndCheck(steering, some));
  for (;;) {
    const loaded = await loadAndCheck(steering, [...used.values()]);
    const { blamed, ofFiles } = await judge(loaded, [...used.values()]);
    if (blamed.size === 0 || ofFiles.length > 0) return asSteered(loaded, { objects, fallen, blamed });
    for (const [object, issues] of blamed) await stepBack(object, issues, { steering, used, fallen });
  }
}

interface Progress {
  readonly steering: Steering;
  readonly used: Map<string, StoredObject>;
  readonly fallen: Map<string, Fallen>;
}

/** Puts the next older version in the place of an object, or leaves it out when there is none. */
async function stepBack(object: StoredObject, issues: readonly Issue[], progress: Progress): Promise<void> {
  const { used, fallen } = progress;
  const name = nameOf(object);
  const known = fallen.get(name) ?? (await fall(object, issues, progress));
  fallen.set(name, known);
  const next = known.versions.shift();
  if (next === undefined) used.delete(name);
  else used.set(name, next);
  known.usedRevision = next?.revision ?? null;
}

/** Secrets are opened first: on a gateway that lacks a key, the objects that it cannot read are in quarantine. */
function open({ open: read }: Steering, object: StoredObject): StoredObject | Issue {
  if (read === undefined) return object;
  try {
    const document = read(object, object.document);
    return document === object.document ? object : { ...object, document };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    const message = `${nameOf(object)}: its secrets cannot be read: ${reason}`;
    const place = { file: placeOf(object), line: 1, column: 1, pointer: `/${object.kind}` };
    return { code: 'MISSING_REFERENCE', message, ...place, severity: 'error' };
  }
}

async function loadAndCheck(
  { load, paths, check }: Steering,
  objects: readonly StoredObject[],
): Promise<Loaded> {
  const loaded = await load(paths, entriesOf(objects));
  const found = loaded.config === null ? [] : (check?.(loaded.config) ?? []);
  if (found.length === 0) return loaded;
  const isSound = found.every(({ severity }) => severity !== 'error');
  return { ...loaded, config: isSound ? loaded.config : null, issues: [...loaded.issues, ...found] };
}

/** An object that does not fit. */
interface Fallen {
  readonly reason: string;
  readonly issues: readonly Issue[];
  /** Those that are still to be tried, newest first. */
  readonly versions: StoredObject[];
  usedRevision: number | null;
}

/**
 * Finds out what can take the place of an object that does not fit. Nothing can if all that it lacks is another one that was
 * left out: an older version would send its requests somewhere nobody expects.
 */
async function fall(
  object: StoredObject,
  issues: readonly Issue[],
  { steering, fallen }: Progress,
): Promise<Fallen> {
  const missing = issues.map((issue) => missingFor(object, issue, fallen));
  const lost = missing.filter((name) => name !== null);
  if (lost.length === missing.length) {
    const reason = `it needs ${[...new Set(lost)].join(' and ')}, which is in quarantine`;
    return { reason, issues, versions: [], usedRevision: null };
  }
  const history = await steering.history(object);
  const older = history.filter(({ revision }) => revision < object.revision).slice(0, MAX_VERSIONS);
  const versions = older.flatMap(({ document, ...version }) => {
    const opened = document === null ? null : open(steering, { ...version, document });
    return opened === null || 'code' in opened ? [] : [opened];
  });
  return { reason: issues[0]?.message ?? '', issues, versions, usedRevision: null };
}

/** The object in quarantine that an unknown name is the name of. */
function missingFor(object: StoredObject, issue: Issue, fallen: Progress['fallen']): string | null {
  if (issue.code !== 'UNKNOWN_NAME') return null;
  const name = textAt(object.document, issue.pointer)?.replace(/^@/, '') ?? lastPart(issue.pointer);
  const found = [...fallen].find(([one, { usedRevision }]) => usedRevision === null && endsIn(one, name));
  return found?.[0] ?? null;
}

/** Of `services.a.b` the name is `a.b`: kinds have no dots. */
function endsIn(full: string, name: string): boolean {
  return full.slice(full.indexOf('.') + 1) === name;
}

/** Where names are keys, as those of the services of a split. */
function lastPart(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf('/') + 1);
}

interface Outcome {
  readonly objects: readonly StoredObject[];
  readonly fallen: ReadonlyMap<string, Fallen>;
  readonly blamed: ReadonlyMap<StoredObject, readonly Issue[]>;
}

function asSteered(loaded: Loaded, { objects, fallen, blamed }: Outcome): Steered {
  const exceptions = shadowedOf(objects, loaded);
  for (const [name, { reason, issues, usedRevision }] of fallen)
    exceptions.set(name, quarantined(reason, issues, usedRevision));
  // Only if files are at fault as well: nobody has looked for something in their place.
  for (const [object, issues] of blamed) {
    const name = nameOf(object);
    if (!fallen.has(name)) exceptions.set(name, quarantined(issues[0]?.message ?? '', issues, null));
  }
  return { loaded, exceptions };
}

function quarantined(reason: string, issues: readonly Issue[], usedRevision: number | null): ObjectStatus {
  return { state: 'quarantined', reason, usedRevision, issues };
}
