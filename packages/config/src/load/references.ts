import type { IssueCode } from '../issue.ts';
import { nearest } from '../nearest.ts';
import { type Path, pointerOf } from '../path.ts';
import type { References } from '../walk/walk.ts';
import { setOwn } from './parsed-text.ts';

/** What a reference gives, or why it gives nothing. */
export type Lookup =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: string };

/** Where references get their values. */
export interface Lookups {
  readonly env: (name: string) => string | undefined;
  readonly envNames: () => readonly string[];
  readonly file: (path: string) => Lookup;
  /** What was filled in before. */
  readonly known?: FilledEntries;
  /** Why a reference may not be looked up at all; `null`: it may. */
  readonly refusal?: (kind: 'env' | 'file', name: string) => string | null;
}

/** A reference that could not be filled in. */
export interface ReferenceFault {
  readonly code: Extract<IssueCode, 'BAD_REFERENCE' | 'MISSING_REFERENCE' | 'NOT_ALLOWED'>;
  readonly message: string;
  readonly path: Path;
}

/** A value with its references filled in. */
export interface Filled {
  readonly value: unknown;
  /** As they were written, by JSON Pointer. */
  readonly references: References;
  readonly secrets: readonly string[];
  readonly faults: readonly ReferenceFault[];
}

const REFERENCE = /\$\$\{|\$\{([^{}]*)(\})?/g;

/** Every place of a value that holds a reference. Found once per file, because most values hold none. */
export function referencePaths(value: unknown): readonly Path[] {
  const found: Path[] = [];
  const path: (string | number)[] = [];
  const visit = (at: unknown): void => {
    if (typeof at === 'string') {
      if (at.includes('${')) found.push([...path]);
    } else if (typeof at === 'object' && at !== null) {
      const isList = Array.isArray(at);
      for (const [key, child] of Object.entries(at)) {
        path.push(isList ? Number(key) : key);
        visit(child);
        path.pop();
      }
    }
  };
  visit(value);
  return found;
}

/** The files that a value refers to, as written. */
export function referencedFiles(value: unknown, paths: readonly Path[]): string[] {
  return paths.flatMap((path) =>
    Array.from(textAt(value, path).matchAll(REFERENCE), ([, body = '']) => body)
      .filter((body) => body.startsWith('file:'))
      .map((body) => body.slice('file:'.length)),
  );
}

/**
 * Entries of sections with their references filled in, by the entry as it is written: as long as they are filled in with the
 * same, the result is the same object, so that whoever reads it need not read it again.
 */
export type FilledEntries = WeakMap<object, { readonly texts: readonly unknown[]; readonly filled: unknown }>;

/** Fills in references. Copies what it changes: the value is kept for the next load, which may fill in others. */
export function fillReferences(value: unknown, paths: readonly Path[], lookups: Lookups): Filled {
  const references = new Map<string, string>();
  const secrets: string[] = [];
  const faults: ReferenceFault[] = [];
  const replacements: Replacement[] = [];
  for (const path of paths) {
    const written = textAt(value, path);
    const text = written.replaceAll(
      REFERENCE,
      (whole: string, body: string | undefined, close: string | undefined) => {
        if (whole === '$${') return '${';
        const result = lookUp(body ?? '', close === '}', lookups);
        if ('code' in result) faults.push({ ...result, path });
        else if (result.isSecret) secrets.push(result.value);
        return 'code' in result ? '' : result.value;
      },
    );
    if (/(?<!\$)\$\{/.test(written)) references.set(pointerOf(path), written);
    replacements.push([path, text]);
  }
  const filled = replaceAll(value, byEntry(value, replacements, lookups.known ?? new WeakMap()));
  return { value: filled, references, secrets, faults };
}

type Outcome = { readonly value: string; readonly isSecret: boolean } | Omit<ReferenceFault, 'path'>;

function lookUp(body: string, isClosed: boolean, lookups: Lookups): Outcome {
  if (isClosed && body.startsWith('file:')) return lookUpFile(body.slice('file:'.length), lookups);
  const [, name, fallback] = (isClosed && /^env:([A-Za-z_]\w*)(?::-(.*))?$/s.exec(body)) || [];
  if (name === undefined) {
    const message =
      'malformed reference; write ${env:NAME}, ${env:NAME:-default} or ${file:path}, or $${ for a plain ${';
    return { code: 'BAD_REFERENCE', message };
  }
  const refusal = lookups.refusal?.('env', name) ?? null;
  if (refusal !== null) return { code: 'NOT_ALLOWED', message: refusal };
  const value = lookups.env(name);
  if (fallback !== undefined && (value === undefined || value === ''))
    return { value: fallback, isSecret: false };
  if (value !== undefined) return { value, isSecret: true };
  const near = nearest(name, lookups.envNames());
  const hint = near === undefined ? '' : ` (there is ${near})`;
  const message = `the environment variable ${name} is not set${hint}; set it, or write \${env:${name}:-default}`;
  return { code: 'MISSING_REFERENCE', message };
}

function lookUpFile(path: string, lookups: Lookups): Outcome {
  const refusal = lookups.refusal?.('file', path) ?? null;
  if (refusal !== null) return { code: 'NOT_ALLOWED', message: refusal };
  const result = lookups.file(path);
  if (result.ok) return { value: result.value.replace(/\r?\n$/, ''), isSecret: true };
  return { code: 'MISSING_REFERENCE', message: `the file ${path} cannot be read (${result.problem})` };
}

function textAt(value: unknown, path: Path): string {
  return String(valueAt(value, path));
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) at = (at as Record<string, unknown>)[part];
  return at;
}

type Container = Record<string, unknown>;
type Replacement = readonly [path: Path, by: unknown];

/** How deep entries of sections stand. */
const ENTRY_DEPTH = 2;

/** Replaces whole entries, each with all that is replaced in it. */
function byEntry(
  value: unknown,
  replacements: readonly Replacement[],
  known: FilledEntries,
): readonly Replacement[] {
  const groups = Map.groupBy(replacements, ([path]) => pointerOf(path.slice(0, ENTRY_DEPTH)));
  return [...groups.values()].flatMap((group): readonly Replacement[] => {
    const path = group[0]?.[0].slice(0, ENTRY_DEPTH) ?? [];
    const entry = valueAt(value, path);
    if (typeof entry !== 'object' || entry === null) return group;
    const texts = group.map(([, text]) => text);
    const before = known.get(entry);
    if (before?.texts.every((text, index) => text === texts[index]) === true) return [[path, before.filled]];
    const below = group.map(([at, text]): Replacement => [at.slice(ENTRY_DEPTH), text]);
    const filled = replaceAll(entry, below);
    known.set(entry, { texts, filled });
    return [[path, filled]];
  });
}

function replaceAll(value: unknown, replacements: readonly Replacement[]): unknown {
  const copies = new Map<unknown, Container>();
  const copyOf = (original: unknown): Container => {
    const known = copies.get(original);
    if (known !== undefined) return known;
    const copy = (Array.isArray(original) ? [...original] : { ...(original as object) }) as Container;
    copies.set(original, copy);
    return copy;
  };
  if (replacements.some(([path]) => path.length === 0)) return replacements[0]?.[1];
  for (const [path, text] of replacements) {
    let original = value;
    let copy = copyOf(value);
    for (const [index, part] of path.entries()) {
      const key = String(part);
      if (index === path.length - 1) setOwn(copy, key, text);
      else {
        original = (original as Container)[key];
        const child = copyOf(original);
        setOwn(copy, key, child);
        copy = child;
      }
    }
  }
  return replacements.length === 0 ? value : copyOf(value);
}
