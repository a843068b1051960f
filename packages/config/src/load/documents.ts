import { hash } from 'node:crypto';
import { extname } from 'node:path';
import type { Draft, Issue, Position } from '../issue.ts';
import { dotted, type Path, pointerOf } from '../path.ts';
import type { DocumentUse } from '../resolve/document-uses.ts';
import type { GatewayConfig } from '../resolved.ts';
import type { DocumentProblem } from '../validation/check/problem.ts';
import { pathOfPointer } from '../validation/json-pointer.ts';
import { DocumentSet, pathOf, uriOf } from '../validation/openapi/document-set.ts';
import { reachedParts } from '../validation/openapi/reached-parts.ts';
import { type Locate, START } from '../source/source.ts';
import { type Files, readProblem } from './files.ts';
import { parseJson } from './json.ts';
import type { ParsedText } from './parsed-text.ts';
import { parseYaml } from './yaml.ts';

/** The files that a configuration names, and those that they refer to. */
export interface ReadDocuments {
  /** As JSON, whatever they are written in, by absolute path. */
  readonly texts: GatewayConfig['documents'];
  /** What cannot be read, told where it is named. */
  readonly faults: readonly Draft[];
  /** What is wrong in them, told where it is. */
  readonly issues: readonly Issue[];
}

/** Reads what a configuration names. `watch` hears the path of everything that is read or looked for. */
export type DocumentReader = (
  uses: readonly DocumentUse[],
  watch: (path: string) => void,
) => Promise<ReadDocuments>;

/** One file, as far as it could be read. */
interface ReadFile {
  readonly digest: string;
  readonly parsed: ParsedText;
}

/** What was found in a document, and the files that it depends on. */
interface Checked {
  readonly digests: string;
  readonly problems: readonly DocumentProblem[];
}

/** Documents may refer to so many others. */
const MAX_FILES = 500;
/** What is told of one document; the rest is most likely more of the same. */
const MAX_PROBLEMS = 30;

/** Makes a reader of documents, which remembers what it parsed and checked: large ones take seconds. */
export function documentReader(files: Files): DocumentReader {
  let parsedBefore: ReadonlyMap<string, ReadFile> = new Map();
  let checkedBefore: ReadonlyMap<string, Checked> = new Map();

  return async (uses, watch) => {
    const reading = new Reading(files, watch, { parsed: parsedBefore, checked: checkedBefore });
    for (const use of uses) await reading.take(use);
    parsedBefore = reading.parsed;
    checkedBefore = reading.checked;
    return reading.result();
  };
}

/** What is known from the last time. */
interface Memory {
  readonly parsed: ReadonlyMap<string, ReadFile>;
  readonly checked: ReadonlyMap<string, Checked>;
}

/** One reading of all documents. */
class Reading {
  readonly parsed = new Map<string, ReadFile>();
  readonly checked = new Map<string, Checked>();
  readonly #files: Files;
  readonly #watch: (path: string) => void;
  readonly #memory: Memory;
  readonly #unreadable = new Map<string, string>();
  readonly #malformed = new Set<string>();
  readonly #locators = new Map<string, Locate>();
  readonly #documents = new DocumentSet();
  readonly #faults: Draft[] = [];
  readonly #issues: Issue[] = [];

  constructor(files: Files, watch: (path: string) => void, memory: Memory) {
    this.#files = files;
    this.#watch = watch;
    this.#memory = memory;
  }

  /** Reads a document, whatever it refers to, and checks it. */
  async take({ path, at, kind }: DocumentUse): Promise<void> {
    const key = `${kind} ${path}`;
    await this.#read(path);
    const problem = this.#unreadable.get(path);
    if (problem !== undefined) {
      const message = `${dotted(at)}: the file ${path} cannot be read: ${problem}`;
      this.#faults.push({ code: 'UNREADABLE', message, path: at });
    }
    if (problem !== undefined || this.checked.has(key)) return;
    const used = await this.#readReferences(path, kind === 'openapi' ? 'document' : 'schema');
    for (const file of used) this.#tellSyntax(file, at);
    if (used.some((file) => this.#malformed.has(file))) return;
    const digests = used.map((file) => `${file} ${this.parsed.get(file)?.digest}`).join('\n');
    const before = this.#memory.checked.get(key);
    const problems = before?.digests === digests ? before.problems : await this.#check(path, kind);
    this.checked.set(key, { digests, problems });
    for (const found of problems.slice(0, MAX_PROBLEMS)) this.#tell(found, at);
  }

  result(): ReadDocuments {
    const texts = Array.from(
      this.parsed,
      ([path, { parsed }]) => [path, JSON.stringify(parsed.value)] as const,
    );
    return { texts: Object.fromEntries(texts), faults: this.#faults, issues: this.#issues };
  }

  async #read(path: string): Promise<void> {
    if (this.parsed.has(path) || this.#unreadable.has(path)) return;
    this.#watch(path);
    try {
      const bytes = await this.#files.read(path);
      const digest = hash('sha256', bytes);
      const known = this.#memory.parsed.get(path);
      const parsed = known?.digest === digest ? known.parsed : parse(path, bytes);
      this.parsed.set(path, { digest, parsed });
      this.#documents.add(path, () => parsed.value);
    } catch (error) {
      this.#unreadable.set(path, error instanceof TypeError ? 'it is not UTF-8 text' : readProblem(error));
    }
  }

  /** Reads what the document refers to, and what that refers to. Gives the paths of all that it needs. */
  async #readReferences(path: string, kind: 'document' | 'schema'): Promise<string[]> {
    for (;;) {
      const { addresses } = reachedParts(this.#documents, uriOf(path), kind);
      const paths = [...addresses].map(pathOf).filter((file) => file !== null);
      const unread = paths.filter((file) => !this.parsed.has(file) && !this.#unreadable.has(file));
      if (unread.length === 0 || this.parsed.size > MAX_FILES) return paths;
      for (const file of unread) await this.#read(file);
    }
  }

  /** The libraries behind it are loaded only when there is something to check. */
  async #check(path: string, use: DocumentUse['kind']): Promise<readonly DocumentProblem[]> {
    const { checkDocument } = await import('../validation/check/check-document.ts');
    return checkDocument(this.#documents, uriOf(path), use);
  }

  /** What is wrong with the text itself, once. */
  #tellSyntax(file: string, at: Path): void {
    const faults = this.parsed.get(file)?.parsed.faults ?? [];
    if (faults.length === 0 || this.#malformed.has(file)) return;
    this.#malformed.add(file);
    for (const { code, message, position } of faults) {
      this.#issues.push({ code, message, file, ...position, pointer: pointerOf(at), severity: 'error' });
    }
  }

  #tell({ uri, pointer, message, severity }: DocumentProblem, at: Path): void {
    const file = pathOf(uri) ?? '';
    const place = pointer === '' ? 'the document' : pointer;
    this.#issues.push({
      code: severity === 'error' ? 'BAD_VALUE' : 'NO_EFFECT',
      message: `${place} ${message}`,
      file,
      ...this.#locate(file, pointer),
      pointer: pointerOf(at),
      severity,
    });
  }

  #locate(file: string, pointer: string): Position {
    const parsed = this.parsed.get(file)?.parsed;
    if (parsed === undefined) return START;
    const locate = this.#locators.get(file) ?? parsed.openLocator();
    this.#locators.set(file, locate);
    return locate(pathOfPointer(parsed.value, pointer), 'key');
  }
}

function parse(path: string, bytes: Uint8Array): ParsedText {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  return extname(path) === '.json' ? parseJson(text) : parseYaml(text);
}
