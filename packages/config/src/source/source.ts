import type { Position } from '../issue.ts';
import type { Path } from '../path.ts';
import type { References } from '../walk/walk.ts';

/** One file of a configuration, parsed, or an object of a database, with its references filled in. Nothing in it may be written to. */
export interface Source {
  readonly file: string;
  readonly value: unknown;
  readonly references: References;
  /** Where a section or an entry of one begins: known for all of them, because every route carries it. */
  readonly keyPosition: (section: string, entry?: string) => Position | undefined;
  /** Where anything is. May go through the text again, so it is asked only when something is wrong. */
  readonly locate: Locate;
  /** Where files are that it names, as absolute paths; `null`: it may not name this one. Beside the file itself unless this says otherwise. */
  readonly placeFile?: PlaceFile;
}

/** Makes the path of a file absolute; `null` refuses it. */
export type PlaceFile = (path: string) => string | null;

/** Finds the place of a value, or of its key. */
export type Locate = (path: Path, at: 'key' | 'value') => Position;

/** The place of what is written nowhere. */
export const START: Position = { line: 1, column: 1 };

/** A source of a value that has no text, such as what a module exports or a database holds. */
export function plainSource(file: string, value: unknown, references: References = new Map()): Source {
  return { file, value, references, keyPosition: () => START, locate: () => START };
}
