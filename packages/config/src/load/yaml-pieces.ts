import type { Position } from '../issue.ts';
import type { Path } from '../path.ts';
import { type Locate, START } from '../source/source.ts';
import { isMapping } from '../walk/containers.ts';
import { keyPositions, type KeyPositions, type ParsedText, setOwn } from './parsed-text.ts';
import { openLocator, parseYaml, readYamlPart } from './yaml.ts';
import { type Part, type SectionParts, splitYaml } from './yaml-split.ts';

/** Parses the texts that a file has in the course of time. */
export type YamlReader = (text: string) => ParsedText;

/**
 * Parses the same file again and again: only entries whose text has changed are parsed anew, and the others are the same
 * objects as before. Of a file with thousands of routes that is the difference between a second and some milliseconds.
 *
 * It gives exactly what `parseYaml` gives, which reads the whole wherever something is not plain: anchors, tags, several
 * documents, mistakes. What it remembers is as large as the last text that could be read in parts.
 */
export function yamlReader(): YamlReader {
  let known: Pieces = new Map();
  return (text) => {
    const sections = splitYaml(text);
    const pieces: Pieces = new Map();
    const parsed = sections && readParts(sections, { text, known, pieces });
    if (parsed === null) return parseYaml(text);
    known = pieces;
    return parsed;
  };
}

/** What a part says. An entry of a section can stand anywhere in the file, so nothing here knows its line. */
interface Piece {
  readonly value: unknown;
  /** Of a whole section: where its entries are, as if it stood in the first line. */
  readonly entryPosition: (entry: string) => Position | undefined;
}

/** By text: slices of the text that was read last, so that no other is kept alive by them. */
type Pieces = Map<string, Piece>;

interface Reading {
  readonly text: string;
  readonly known: Pieces;
  readonly pieces: Pieces;
}

function readParts(sections: readonly SectionParts[], reading: Reading): ParsedText | null {
  const value: Record<string, unknown> = {};
  const keys = keyPositions();
  for (const section of sections) {
    if (Object.hasOwn(value, section.name)) return null; // a key stands twice, which has to be told
    keys.note([section.name], { line: section.line, column: 1 });
    const read = readSection(section, keys, reading);
    if (read === null) return null;
    setOwn(value, section.name, read.value);
  }
  const { text } = reading;
  return { value, faults: [], keyPosition: keys.find, openLocator: () => openPartLocator(text, sections) };
}

function readSection(
  { name, parts }: SectionParts,
  keys: KeyPositions,
  reading: Reading,
): { readonly value: unknown } | null {
  const entries: Record<string, unknown> = {};
  for (const part of parts) {
    const piece = readPart(part, reading);
    if (piece === null) return null;
    if (part.entry === null) return wholeSection(part, piece, keys);
    if (Object.hasOwn(entries, part.entry)) return null;
    keys.note([name, part.entry], { line: part.line, column: part.indent + 1 });
    setOwn(entries, part.entry, piece.value);
  }
  return { value: entries };
}

function wholeSection({ section, line }: Part, { value, entryPosition }: Piece, keys: KeyPositions): Piece {
  for (const entry of isMapping(value) ? Object.keys(value) : []) {
    const position = entryPosition(entry);
    if (position !== undefined) keys.note([section, entry], below(line - 1, position));
  }
  return { value, entryPosition };
}

/** Equal texts of different sections are one piece: it says the same in both. */
function readPart(part: Part, { text, known, pieces }: Reading): Piece | null {
  const own = text.slice(part.start, part.end);
  const piece = known.get(own) ?? readPiece(own, part);
  if (piece !== null) pieces.set(own, piece);
  return piece;
}

function readPiece(text: string, { section, entry }: Part): Piece | null {
  const isEntry = entry !== null;
  const read = readYamlPart(isEntry ? BEFORE_ENTRY + text : text);
  if (read === null) return null;
  const found = onlyMember(read.value, isEntry ? [PARENT, entry] : [section]);
  if (found === null) return null;
  const { keyPosition } = read;
  return { ...found, entryPosition: isEntry ? nowhere : (name) => keyPosition(section, name) };
}

function nowhere(): undefined {
  return undefined;
}

/** Stands for the key of the section, so that an entry is read in the surroundings that it has in the whole. */
const PARENT = 'in';
const BEFORE_ENTRY = `${PARENT}:\n`;

function onlyMember(value: unknown, [key, ...rest]: readonly string[]): { readonly value: unknown } | null {
  if (key === undefined) return { value };
  if (!isMapping(value)) return null;
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === key ? onlyMember(value[key], rest) : null;
}

/** Finds places part by part: each that is asked for is parsed, once. */
function openPartLocator(text: string, sections: readonly SectionParts[]): Locate {
  const byName = new Map(sections.map((section) => [section.name, entriesByName(section)]));
  const locators = new Map<Part, Locate>();
  const locatorOf = (part: Part): Locate => {
    const known = locators.get(part);
    if (known !== undefined) return known;
    const locate = openPart(text, part);
    locators.set(part, locate);
    return locate;
  };
  const [first] = sections;
  const root: Position = first === undefined ? START : { line: first.line, column: 1 };
  return (path, at) => {
    const [section, entry] = path;
    const found = section === undefined ? undefined : byName.get(String(section));
    if (found === undefined) return root;
    const part = found.whole ?? found.entries.get(String(entry));
    if (part !== undefined) return locatorOf(part)(path, at);
    const [firstEntry] = found.entries.values();
    const isValue = entry === undefined && at === 'value' && firstEntry !== undefined;
    if (isValue) return { line: firstEntry.line, column: firstEntry.indent + 1 };
    return { line: found.line, column: 1 };
  };
}

interface PartsByName {
  readonly line: number;
  /** If it is in one part. */
  readonly whole: Part | undefined;
  readonly entries: ReadonlyMap<string, Part>;
}

function entriesByName({ line, parts }: SectionParts): PartsByName {
  const whole = parts.find(({ entry }) => entry === null);
  const entries = new Map(parts.flatMap((part) => (part.entry === null ? [] : [[part.entry, part]])));
  return { line, whole, entries };
}

function openPart(text: string, { entry, line, start, end }: Part): Locate {
  const own = text.slice(start, end);
  if (entry === null) {
    const locate = openLocator(own);
    return (path, at) => below(line - 1, locate(path, at));
  }
  const locate = openLocator(BEFORE_ENTRY + own);
  return ([, ...rest]: Path, at) => below(line - 2, locate([PARENT, ...rest], at));
}

function below(lines: number, { line, column }: Position): Position {
  return { line: line + lines, column };
}
