import type { Draft } from '../issue.ts';
import { dotted, type Path } from '../path.ts';
import type { Origin } from '../resolved.ts';
import { isMapping } from '../walk/containers.ts';
import { type References, show } from '../walk/walk.ts';
import { type Source, START } from './source.ts';

/** Several files as one document. */
export interface Merged {
  readonly document: unknown;
  readonly references: References;
  /** Which file a path comes from; `undefined` for what is written nowhere. */
  readonly ownerOf: (path: Path) => Source | undefined;
  /** The file that was named first. */
  readonly main: string;
  /** Faults of the merge itself, each with the file that is to blame. */
  readonly conflicts: readonly Conflict[];
}

/** A fault that belongs to a certain file, not to the one that owns the path. */
export interface Conflict {
  readonly source: Source;
  readonly draft: Draft;
}

/**
 * Merges sections entry by entry: routes of one file stand beside routes of another.
 *
 * The same entry in two files is an error, never an override: which of them wins would hang on file names.
 */
export function merge(sources: readonly Source[]): Merged {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined && isMapping(only.value)) return single(only);
  const sections = new Map<string, Section>();
  const conflicts: Conflict[] = [];
  for (const source of sources) {
    if (source.value === null || source.value === undefined) continue;
    if (isMapping(source.value)) addSource(source, source.value, { sections, conflicts });
    else conflicts.push({ source, draft: notAMapping(source.value) });
  }
  const ownerOf = (path: Path): Source | undefined => {
    const [name, entry] = path;
    const section = sections.get(String(name));
    return (entry === undefined ? undefined : section?.owners.get(String(entry))) ?? section?.first;
  };
  const document = Object.fromEntries([...sections].map(([name, { value }]) => [name, value]));
  return {
    document,
    references: mergedReferences(sources, ownerOf),
    ownerOf,
    main: only?.file ?? '',
    conflicts,
  };
}

/** The common case: nothing to merge, nothing to copy. */
function single(source: Source): Merged {
  return {
    document: source.value,
    references: source.references,
    ownerOf: () => source,
    main: source.file,
    conflicts: [],
  };
}

interface Section {
  /** What the first file has; of several files a new object without prototype. */
  value: unknown;
  isOurs: boolean;
  readonly first: Source;
  readonly owners: Map<string, Source>;
}

interface Merging {
  readonly sections: Map<string, Section>;
  readonly conflicts: Conflict[];
}

function addSource(source: Source, document: Readonly<Record<string, unknown>>, merging: Merging): void {
  for (const [name, given] of Object.entries(document)) {
    const known = merging.sections.get(name);
    if (known !== undefined && given === null) continue;
    if (known === undefined || known.value === null) {
      merging.sections.set(name, {
        value: given,
        isOurs: false,
        first: source,
        owners: ownersOf(given, source),
      });
    } else if (isMapping(known.value) && isMapping(given)) {
      addEntries({ source, name, given }, known, merging);
    } else {
      merging.conflicts.push({ source, draft: duplicate([name], known.first) });
    }
  }
}

/** A section that one file has is not copied. */
function ownersOf(given: unknown, source: Source): Map<string, Source> {
  return new Map(isMapping(given) ? Object.keys(given).map((entry) => [entry, source]) : []);
}

interface Addition {
  readonly source: Source;
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>>;
}

function addEntries({ source, name, given }: Addition, section: Section, { conflicts }: Merging): void {
  if (!section.isOurs) {
    section.value = Object.assign(Object.create(null), section.value);
    section.isOurs = true;
  }
  const target = section.value as Record<string, unknown>;
  for (const [entry, value] of Object.entries(given)) {
    const owner = section.owners.get(entry);
    if (owner === undefined) {
      section.owners.set(entry, source);
      target[entry] = value;
    } else conflicts.push({ source, draft: duplicate([name, entry], owner) });
  }
}

function duplicate(path: Path, first: Source): Draft {
  const { line, column } = first.locate(path, 'key');
  const there = `${first.file}:${line}:${column}`;
  const message = `${dotted(path)}: already defined at ${there}; keep one of them or give one another name`;
  return { code: 'DUPLICATE_ENTRY', message, path, at: 'key' };
}

function notAMapping(value: unknown): Draft {
  const message = `expected a mapping of sections such as listeners, services and routes, but found ${show(value)}`;
  return { code: 'WRONG_TYPE', message, path: [] };
}

function mergedReferences(sources: readonly Source[], ownerOf: Merged['ownerOf']): References {
  const merged = new Map<string, string>();
  for (const source of sources) {
    for (const [pointer, text] of source.references) {
      const path = pointer.split('/').slice(1).map(unescapePointer);
      if (ownerOf(path) === source) merged.set(pointer, text);
    }
  }
  return merged;
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Where a section, or an entry of one, begins. What is written nowhere begins where the main file does. */
export function originOf(merged: Merged, section: string, entry?: string): Origin {
  const owner = merged.ownerOf(entry === undefined ? [section] : [section, entry]);
  const { line, column } = owner?.keyPosition(section, entry) ?? START;
  return { file: owner?.file ?? merged.main, line, column };
}
