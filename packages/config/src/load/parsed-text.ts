import type { Position } from '../issue.ts';
import type { Path } from '../path.ts';
import { type Locate, START } from '../source/source.ts';

/** A text that is not what its notation demands. */
export interface SyntaxFault {
  readonly code: 'SYNTAX' | 'DUPLICATE_KEY';
  readonly message: string;
  readonly position: Position;
}

/** What a text says, and where. Kept between loads, so it must not hold a syntax tree. */
export interface ParsedText {
  readonly value: unknown;
  readonly faults: readonly SyntaxFault[];
  readonly keyPosition: (section: string, entry?: string) => Position | undefined;
  /**
   * Prepares to find the place of anything: of the nearest thing around it, if it is not written.
   *
   * Goes through the whole text again, so it is opened once a load, and only when something is wrong.
   */
  readonly openLocator: () => Locate;
}

/** Where the keys of the first two levels are. */
export interface KeyPositions {
  readonly note: (path: Path, position: Position) => void;
  readonly find: (section: string, entry?: string) => Position | undefined;
}

/** Remembers the places of sections and their entries. */
export function keyPositions(): KeyPositions {
  const sections = new Map<string, Position>();
  const entries = new Map<string, Map<string, Position>>();
  return {
    note: ([section, entry, deeper], position) => {
      if (section === undefined || deeper !== undefined) return;
      if (entry === undefined) {
        sections.set(String(section), position);
        return;
      }
      const known = entries.get(String(section)) ?? new Map<string, Position>();
      entries.set(String(section), known.set(String(entry), position));
    },
    find: (section, entry) =>
      entry === undefined
        ? sections.get(section)
        : (entries.get(section)?.get(entry) ?? sections.get(section)),
  };
}

/** A text that could not be read at all. */
export function unreadable(faults: readonly SyntaxFault[]): ParsedText {
  return {
    value: null,
    faults,
    keyPosition: () => undefined,
    openLocator: () => () => START,
  };
}

/** Most likely an editor that is about to write: without this, a reload in that moment would apply "nothing". */
export function emptyFile(): SyntaxFault {
  const message = 'the file is empty; if nothing is to be configured here, write {}';
  return { code: 'SYNTAX', message, position: START };
}

/** Gives an object a key, even one called `__proto__`. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
