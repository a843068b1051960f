import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type ParsedText, parseYaml, type Path, pathOfPointer, pointerOf } from '@turnpike/config/load';
import { Failure } from '../../exit-codes.ts';

type Section = Readonly<Record<string, unknown>>;

/** Where a JSON Pointer leads to in what was read, as `file:line:column`; `null`: nothing of that was read. */
export type Places = (pointer: string) => string | null;

/** What was read, and where in it something stands: the gateway tells pointers, people have files. */
export interface ReadDocument<Value extends object> {
  readonly value: Value;
  readonly places: Places;
}

/** One file, as far as it is a document. */
interface DocumentFile {
  readonly value: Section;
  /** The way to something in it as a place of the file. */
  readonly placeOf: (path: Path) => string;
}

/** Reads the file of one object, in YAML or JSON; `-` is standard input. */
export async function readObject(file: string, [section, name]: Entry): Promise<ReadDocument<Section>> {
  const { value, placeOf } = await readFileOf(file);
  const root = pointerOf([section, name]);
  const places = (pointer: string): string | null =>
    `${pointer}/`.startsWith(`${root}/`) ? placeOf(pathOfPointer(value, pointer.slice(root.length))) : null;
  return { value, places };
}

/** Section and name. */
type Entry = readonly [section: string, name: string];

/** Reads several documents as one. What stands in two of them is refused: which of them was meant? */
export async function readDocuments(
  files: readonly string[],
): Promise<ReadDocument<Record<string, Section>>> {
  const value: Record<string, Record<string, unknown>> = Object.create(null);
  const owners: Owners = new Map();
  for (const name of files) {
    const file = await readFileOf(name);
    for (const [section, entries] of sectionsOf(file)) {
      if (!owners.has(pointerOf([section]))) owners.set(pointerOf([section]), file);
      const known = (value[section] ??= Object.create(null) as Record<string, unknown>);
      for (const [entry, document] of Object.entries(entries)) {
        own([section, entry], file, owners);
        known[entry] = document;
      }
    }
  }
  return { value, places: (pointer) => placeIn(owners, pointer) };
}

/** Which file has an entry, or a section first, by the pointer to it. */
type Owners = Map<string, DocumentFile>;

function own(entry: Entry, file: DocumentFile, owners: Owners): void {
  const other = owners.get(pointerOf(entry));
  if (other !== undefined) {
    const places = `${file.placeOf(entry)}: ${entry.join('.')} stands in another file as well`;
    throw new Failure(`${places}: ${other.placeOf(entry)}`);
  }
  owners.set(pointerOf(entry), file);
}

/** The sections of a file, with what is in them. */
function* sectionsOf({ value, placeOf }: DocumentFile): Generator<readonly [string, Section]> {
  for (const [section, entries] of Object.entries(value)) {
    if (entries !== null && !isMapping(entries))
      throw new Failure(`${placeOf([section])}: ${section} is no mapping`);
    yield [section, entries ?? {}];
  }
}

/** The place of what belongs to an entry of some file, or to a section. */
function placeIn(owners: Owners, pointer: string): string | null {
  const owner = owners.get(pointer.split('/', 3).join('/'));
  return owner === undefined ? null : owner.placeOf(pathOfPointer(owner.value, pointer));
}

async function readFileOf(name: string): Promise<DocumentFile> {
  const parsed = parseYaml(await contentOf(name));
  const [fault] = parsed.faults;
  const at = ({ line, column }: { readonly line: number; readonly column: number }): string =>
    `${name === '-' ? 'standard input' : name}:${line}:${column}`;
  if (fault !== undefined) throw new Failure(`${at(fault.position)}: ${fault.message}`);
  if (!isMapping(parsed.value)) throw new Failure(`${at({ line: 1, column: 1 })}: expected a mapping`);
  return { value: parsed.value, placeOf: (path) => at(locatorOf(parsed)(path, 'key')) };
}

/** Goes through a text again, so only once and only when something is wrong. */
const locators = new WeakMap<ParsedText, ReturnType<ParsedText['openLocator']>>();

function locatorOf(parsed: ParsedText): ReturnType<ParsedText['openLocator']> {
  const locate = locators.get(parsed) ?? parsed.openLocator();
  locators.set(parsed, locate);
  return locate;
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read`, { cause: error });
  }
}

function isMapping(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
