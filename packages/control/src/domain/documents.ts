import { type Issue, type Path, pointerOf } from '@turnpike/config';
import { parseYaml, writeYaml } from '@turnpike/config/load';
import { isObject } from './json.ts';
import { type Json, type JsonObject, KINDS, type ObjectRef } from './objects.ts';
import { hide } from './secrets.ts';
import { nameOf } from './sources.ts';

/** An object as a document brings it. */
export interface WrittenObject extends ObjectRef {
  readonly document: JsonObject;
}

/** What a configuration document holds. */
export type ReadObjects =
  | { readonly kind: 'read'; readonly objects: readonly WrittenObject[] }
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] };

/** Of one object, as JSON. */
export const MAX_DOCUMENT_BYTES = 256 * 1024;
/** Of a text with many, in characters: the tree of YAML takes some five hundred times as much memory. JSON is parsed elsewhere. */
export const MAX_YAML_CHARACTERS = 1024 * 1024;
const MAX_OBJECTS = 50_000;
const MAX_DEPTH = 64;

/** What issues of a document name as their file. */
const PLACE = 'document';

/**
 * Reads a configuration document with sections of objects: text in YAML or JSON, or what was parsed of it already.
 *
 * What only files may have is refused. What is wrong inside of objects is not looked at: that is for the loader.
 */
export function readDocument(sent: string | Readonly<Record<string, unknown>>): ReadObjects {
  if (typeof sent !== 'string') return fromValue(sent, () => ({ line: 1, column: 1 }));
  if (sent.length > MAX_YAML_CHARACTERS)
    return rejected([
      issueAt([], `is longer than ${MAX_YAML_CHARACTERS} characters; what is larger has to come as JSON`),
    ]);
  const { value, faults, openLocator } = parseYaml(sent);
  if (faults.length > 0) {
    return rejected(
      faults.map(({ code, message, position }) => ({ ...issueAt([], message, code), ...position })),
    );
  }
  let locate: ReturnType<typeof openLocator> | undefined;
  return fromValue(value, (path) => (locate ??= openLocator())(path, 'key'));
}

type Locate = (path: Path) => { readonly line: number; readonly column: number };

function fromValue(value: unknown, locate: Locate): ReadObjects {
  const issues: Issue[] = [];
  const objects: WrittenObject[] = [];
  const report = (path: Path, message: string, code?: Issue['code']): void => {
    issues.push({ ...issueAt(path, message, code), ...locate(path) });
  };
  if (!isObject(value)) report([], 'expected sections such as services and routes');
  for (const [section, entries] of Object.entries(isObject(value) ? value : {})) {
    const kind = KINDS.find((one) => one === section);
    if (kind === undefined) {
      const only = `${section} stands in files only; the database takes ${KINDS.join(', ')}`;
      report([section], only, 'NOT_ALLOWED');
    } else if (entries !== null && !isObject(entries)) report([section], 'expected objects by name');
    else {
      for (const [name, document] of Object.entries(entries ?? {})) {
        const problem = problemOf(document);
        if (problem === null) objects.push({ kind, name, document: (document ?? {}) as JsonObject });
        else report([section, name], problem);
      }
    }
  }
  if (objects.length > MAX_OBJECTS) report([], `has more than ${MAX_OBJECTS} objects`);
  return issues.length > 0 ? rejected(issues) : { kind: 'read', objects };
}

/** Why something cannot be kept as an object; `null`: it can, as far as its form goes. */
export function problemOf(document: unknown): string | null {
  if (document === null) return null;
  if (!isObject(document)) return 'expected an object';
  if (depthOf(document) > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
  const bytes = Buffer.byteLength(JSON.stringify(document));
  return bytes > MAX_DOCUMENT_BYTES ? `is larger than ${MAX_DOCUMENT_BYTES} bytes` : null;
}

/** Stops where it is too deep anyway. */
function depthOf(value: Json, depth = 1): number {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return depth;
  return Object.values(value).reduce(
    (deepest: number, child: Json) => Math.max(deepest, depthOf(child, depth + 1)),
    depth,
  );
}

/** Objects as a configuration document: sections and names in order, and without secrets. */
export function writeDocument(objects: readonly WrittenObject[]): JsonObject {
  const sorted = objects.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const sections = KINDS.map((kind): [string, JsonObject] => {
    const entries = sorted.filter((object) => object.kind === kind);
    return [kind, Object.fromEntries(entries.map((object) => [object.name, hide(object, object.document)]))];
  });
  return Object.fromEntries(sections.filter(([, entries]) => Object.keys(entries).length > 0));
}

/** The same as text, for people and version control; `notes` are comments above it. */
export function writeDocumentYaml(document: JsonObject, notes: readonly string[] = NOTES): string {
  const head = notes.map((line) => `# ${line.replaceAll(/[\r\n]/g, ' ')}\n`).join('');
  return head + writeYaml(document);
}

const NOTES = [
  'Objects of the database of a Turnpike gateway. turnpike apply takes them again.',
  'Secrets are ***, which keeps them.',
];

function issueAt(path: Path, message: string, code: Issue['code'] = 'WRONG_TYPE'): Issue {
  return { code, message, file: PLACE, line: 1, column: 1, pointer: pointerOf(path), severity: 'error' };
}

function rejected(issues: readonly Issue[]): ReadObjects {
  return { kind: 'rejected', issues };
}
