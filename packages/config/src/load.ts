import { dirname, resolve } from 'node:path';
import { compareIssues, type Issue } from './issue.ts';
import { readGraphql } from './load/graphql.ts';
import { certificateTexts, type LookAtTexts } from './load/certificate-texts.ts';
import { readCertificates } from './load/certificates.ts';
import { type DescriptorReader, descriptorReader } from './load/descriptors.ts';
import { type DocumentReader, documentReader } from './load/documents.ts';
import { type Entry, type Permissions, permissionsOf, referencesIn, refusalOf } from './load/entries.ts';
import { disk, expandPath, type Files, readProblem } from './load/files.ts';
import { schemaReader, type SchemaReader } from './load/inline-schemas.ts';
import { plainSecrets } from './load/plain-secrets.ts';
import { NotText, type ParsedFile, readParsed } from './load/parsed-file.ts';
import type { ParsedText } from './load/parsed-text.ts';
import { createRedactor, type Redactor } from './load/redactor.ts';
import { notTried, readPlugins, type TryPlugins } from './load/plugins.ts';
import {
  type Filled,
  type FilledEntries,
  fillReferences,
  type Lookup,
  referencedFiles,
} from './load/references.ts';
import { type Path, pointerOf } from './path.ts';
import { type FoundInFiles, openConfig } from './read-config.ts';
import type { GatewayConfig, Origin } from './resolved.ts';
import type { Merged } from './source/merge.ts';
import { type Locate, type PlaceFile, plainSource, type Source, START } from './source/source.ts';
import { without } from './source/without.ts';
import { isMapping } from './walk/containers.ts';

export { readEndpointFile, type ReadEndpointFile } from './load/endpoint-file.ts';
export type { Entry } from './load/entries.ts';
export type { Files } from './load/files.ts';
export { jsonSlices } from './load/json-slices.ts';
export type { ParsedText } from './load/parsed-text.ts';
export type { TryPlugins } from './load/plugins.ts';
export { createRedactor, type Redactor } from './load/redactor.ts';
export { parseYaml, writeYaml } from './load/yaml.ts';
export { nearest } from './nearest.ts';
export { dotted, type Path, pointerOf } from './path.ts';
export { pathOfPointer } from './validation/json-pointer.ts';

/** Where a loader gets things from. */
export interface LoadOptions {
  /** The environment of `${env:…}`; that of the process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly files?: Files;
  /** Milliseconds since 1970; certificates expire. */
  readonly epoch?: () => number;
  /** Says what is wrong with plugins, which takes running them; without it, nobody looks at more than their files. */
  readonly tryPlugins?: TryPlugins;
}

/** What was found under some paths. */
export interface Loaded {
  /** `null` if any issue is an error. */
  readonly config: GatewayConfig | null;
  readonly issues: readonly Issue[];
  /** Absolute paths of everything that was read or looked for, secrets included: a change of one is a reason to load again. */
  readonly files: readonly string[];
  /** Absolute paths of directories whose list of files matters. */
  readonly directories: readonly string[];
  readonly secrets: Redactor;
  /** Where a file has an entry of a section; `null`: no file has it. */
  readonly inFiles: (section: string, name: string) => Origin | null;
  /** What files have in a section, as it is written: references are not filled in. */
  readonly entriesIn: (section: string) => readonly WrittenEntry[];
}

/** The same, with what stands in the files. */
export interface LoadedFiles extends Loaded {
  readonly written: Written;
}

/** A configuration as it was written, in files that were merged. */
export interface Written {
  /** With references filled in. */
  readonly document: unknown;
  /** Secrets that are not references: they stand in the files. */
  readonly plainSecrets: () => readonly Path[];
  /** Where something is written. */
  readonly locate: (path: Path, at: 'key' | 'value') => Origin;
  /** What the same would mean without this part; null: it could not be used. */
  readonly without: (path: Path) => GatewayConfig | null;
}

/** An entry of a section of a file. */
export interface WrittenEntry {
  readonly name: string;
  readonly value: unknown;
  readonly origin: Origin;
}

/**
 * Loads a configuration from files and directories, and from entries beside them; they are merged. Never throws for what a
 * user did.
 *
 * What a file has belongs to the file: an entry of the same name is not used.
 */
export type Loader = (paths: readonly string[], entries?: readonly Entry[]) => Promise<Loaded>;

/** Loads once. To load again and again, keep a loader. */
export function loadConfig(paths: readonly string[], options: LoadOptions = {}): Promise<LoadedFiles> {
  return createLoader(options)(paths);
}

/**
 * Makes a loader, which remembers what it parsed: next time only files whose content has changed are parsed.
 *
 * References are filled in anew each time, because the environment and secret files have no part in the hash.
 */
export function createLoader(
  options: LoadOptions = {},
): (paths: readonly string[], entries?: readonly Entry[]) => Promise<LoadedFiles> {
  const { env = process.env, files = disk, epoch = Date.now, tryPlugins = notTried } = options;
  const readers = {
    readDocuments: documentReader(files),
    readSchemas: schemaReader(),
    readDescriptors: descriptorReader(files),
    lookAtTexts: certificateTexts(),
    tryPlugins,
  };
  const filled: FilledEntries = new WeakMap();
  let cache: ReadonlyMap<string, ParsedFile> = new Map();
  let before: GatewayConfig | null = null;

  return async (paths, entries = []) => {
    const pass = { ...startPass(files, env, cache), filled, nowMs: epoch() };
    for (const path of await findFiles(paths, pass)) await addFile(path, pass);
    cache = pass.fresh;
    const inFiles = ownership([...pass.sources]);
    await addEntries(entries, inFiles, pass);
    const loaded = await finish(pass, { ...readers, before });
    before = loaded.config ?? before;
    return { ...loaded, inFiles, entriesIn: entriesIn(pass.texts) };
  };
}

/** What stands in files, asked by name. */
function ownership(sources: readonly Source[]): Loaded['inFiles'] {
  return (section, name) => {
    const owner = sources.find(({ value }) => {
      const entries = isMapping(value) ? value[section] : undefined;
      return isMapping(entries) && Object.hasOwn(entries, name);
    });
    if (owner === undefined) return null;
    return { file: owner.file, ...(owner.keyPosition(section, name) ?? START) };
  };
}

/** What stands in the sections of files. */
function entriesIn(texts: Pass['texts']): Loaded['entriesIn'] {
  return (section) =>
    texts.flatMap(({ file, parsed: { value, keyPosition } }) => {
      const entries = isMapping(value) ? value[section] : undefined;
      if (!isMapping(entries)) return [];
      return Object.entries(entries).map(([name, entry]) => ({
        name,
        value: entry,
        origin: { file, ...(keyPosition(section, name) ?? START) },
      }));
    });
}

/** Adds entries that no file has, behind the files. */
async function addEntries(entries: readonly Entry[], inFiles: Loaded['inFiles'], pass: Pass): Promise<void> {
  if (entries.length === 0) return;
  const permissions = permissionsOf(pass.sources);
  const { placeFile } = permissions;
  const malformed = malformedSections(pass.sources);
  const sources: Source[] = [];
  for (const entry of entries) {
    const { section, name } = entry;
    if (malformed.has(section) || inFiles(section, name) !== null) continue;
    const paths = referencesIn(entry.value);
    // Nearly all: thousands are not awaited one by one.
    if (paths.length === 0) sources.push({ ...sourceOf(entry), placeFile });
    else sources.push(await filledSource(entry, permissions, pass));
  }
  pass.sources.push(...sources);
}

/** A file has something else there than entries, which is told; entries would only add to the confusion. */
function malformedSections(sources: readonly Source[]): ReadonlySet<string> {
  const written = sources.flatMap(({ value }) => (isMapping(value) ? Object.entries(value) : []));
  return new Set(
    written.flatMap(([section, value]) => (value === null || isMapping(value) ? [] : [section])),
  );
}

const plain = new WeakMap<Entry, Source>();

/** Made once for the same entry. */
function sourceOf(entry: Entry): Source {
  const known = plain.get(entry) ?? plainSource(entry.file, wholeOf(entry));
  plain.set(entry, known);
  return known;
}

function wholeOf({ section, name, value }: Entry): object {
  return { [section]: { [name]: value } };
}

async function filledSource(entry: Entry, permissions: Permissions, pass: Pass): Promise<Source> {
  const { file, section, name, value } = entry;
  const paths = referencesIn(value).map((path) => [section, name, ...path]);
  const { placeFile } = permissions;
  const written: Filling = { file, value: wholeOf(entry), paths, locate: () => START };
  const { value: filled, references } = await fill(written, permissions, pass);
  return { ...plainSource(file, filled, references), placeFile };
}

/** What one load gathers. */
interface Pass {
  readonly files: Files;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cached: ReadonlyMap<string, ParsedFile>;
  readonly fresh: Map<string, ParsedFile>;
  readonly sources: Source[];
  readonly texts: { readonly file: string; readonly parsed: ParsedText }[];
  readonly issues: Issue[];
  readonly watched: Set<string>;
  readonly directories: Set<string>;
  readonly secrets: Set<string>;
  readonly filled: FilledEntries;
  readonly nowMs: number;
}

function startPass(files: Files, env: Pass['env'], cached: Pass['cached']): Omit<Pass, 'nowMs' | 'filled'> {
  return {
    files,
    env,
    cached,
    fresh: new Map(),
    sources: [],
    texts: [],
    issues: [],
    watched: new Set(),
    directories: new Set(),
    secrets: new Set(),
  };
}

async function findFiles(paths: readonly string[], pass: Pass): Promise<string[]> {
  const found = new Map<string, string>();
  if (paths.length === 0) pass.issues.push(unreadable('', 'no configuration file was named'));
  for (const path of paths) {
    try {
      const { paths: expanded, isDirectory } = await expandPath(pass.files, path);
      if (isDirectory) pass.directories.add(resolve(path));
      if (expanded.length === 0)
        pass.issues.push(unreadable(path, 'no .yaml, .json or .config.ts file is in here'));
      for (const file of expanded) if (!found.has(resolve(file))) found.set(resolve(file), file);
    } catch (error) {
      pass.watched.add(resolve(path));
      pass.issues.push(unreadable(path, `the configuration cannot be read: ${readProblem(error)}`));
    }
  }
  return [...found.values()];
}

async function addFile(file: string, pass: Pass): Promise<void> {
  const absolute = resolve(file);
  pass.watched.add(absolute);
  const cached = await readCached(file, absolute, pass);
  if (cached === undefined) return;
  pass.fresh.set(absolute, cached);
  const { parsed, referencePaths: paths } = cached;
  for (const { code, message, position } of parsed.faults) {
    pass.issues.push({ code, message, file, ...position, pointer: '', severity: 'error' });
  }
  pass.texts.push({ file, parsed });
  const locate = openOnce(parsed);
  const filled = await fill({ file, value: parsed.value, paths, locate }, null, pass);
  const { keyPosition } = parsed;
  pass.sources.push({ file, value: filled.value, references: filled.references, keyPosition, locate });
}

/** A value with references in it. */
interface Filling {
  readonly file: string;
  readonly value: unknown;
  readonly paths: readonly Path[];
  readonly locate: Locate;
}

/** Fills references in. Without permissions it is a file, which may refer to everything. */
async function fill(
  { file, value, paths, locate }: Filling,
  permissions: Permissions | null,
  pass: Pass,
): Promise<Filled> {
  const placeSecret = permissions?.placeSecret ?? ((path: string) => resolvePath(file, path));
  const mayReadVariable = permissions?.mayReadVariable ?? (() => true);
  const texts = await readSecrets(referencedFiles(value, paths), placeSecret, pass);
  const filled = fillReferences(value, paths, {
    env: (name) => pass.env[name],
    envNames: () => Object.keys(pass.env).filter(mayReadVariable),
    file: (path) => texts.get(path) ?? { ok: false, problem: 'it cannot be read' },
    known: pass.filled,
    ...(permissions !== null && { refusal: refusalOf(permissions) }),
  });
  for (const secret of filled.secrets) pass.secrets.add(secret);
  for (const { code, message, path } of filled.faults) {
    const position = locate(path, 'value');
    pass.issues.push({ code, message, file, ...position, pointer: pointerOf(path), severity: 'error' });
  }
  return filled;
}

/** Keeps the locator for this load only: it holds the syntax tree. */
function openOnce(parsed: ParsedText): Locate {
  let locate: Locate | undefined;
  return (path, at) => {
    locate ??= parsed.openLocator();
    return locate(path, at);
  };
}

async function readCached(file: string, absolute: string, pass: Pass): Promise<ParsedFile | undefined> {
  try {
    return await readParsed(absolute, pass.files, pass.cached.get(absolute));
  } catch (error) {
    const isText = !(error instanceof NotText);
    const problem = isText ? readProblem(error) : 'it is not UTF-8 text; save it as UTF-8';
    const position = isText ? START : error.position;
    pass.issues.push({ ...unreadable(file, `the configuration cannot be read: ${problem}`), ...position });
    return undefined;
  }
}

/** Reads what `${file:…}` names, before anything is filled in: reading is asynchronous, filling in is not. */
async function readSecrets(
  paths: readonly string[],
  place: PlaceFile,
  pass: Pass,
): Promise<Map<string, Lookup>> {
  const texts = new Map<string, Lookup>();
  for (const path of new Set(paths)) {
    const absolute = place(path);
    if (absolute === null) continue;
    pass.watched.add(absolute);
    try {
      const bytes = await pass.files.read(absolute);
      texts.set(path, { ok: true, value: new TextDecoder().decode(bytes) });
    } catch (error) {
      const where = path === absolute ? '' : `, looked for at ${absolute}`;
      texts.set(path, { ok: false, problem: readProblem(error) + where });
    }
  }
  return texts;
}

function resolvePath(from: string, path: string): string {
  return resolve(dirname(from), path);
}

interface Readers {
  readonly readDocuments: DocumentReader;
  readonly readSchemas: SchemaReader;
  readonly readDescriptors: DescriptorReader;
  readonly lookAtTexts: LookAtTexts;
  readonly tryPlugins: TryPlugins;
  readonly before: GatewayConfig | null;
}

async function finish(pass: Pass, readers: Readers): Promise<Omit<LoadedFiles, 'inFiles' | 'entriesIn'>> {
  const { readDocuments, readSchemas, readDescriptors, lookAtTexts, tryPlugins, before } = readers;
  const secrets = createRedactor(pass.secrets);
  const open = openConfig(pass.sources, resolvePath);
  const documents = await readDocuments(open.documents, (path) => pass.watched.add(path));
  const certificates = await readCertificates(open.certificates, {
    files: pass.files,
    watch: (path) => pass.watched.add(path),
    lookAtTexts,
    nowMs: pass.nowMs,
  });
  const graphql = await readGraphql(open.graphql, {
    files: pass.files,
    watch: (path) => pass.watched.add(path),
    watchDirectory: (path) => pass.directories.add(path),
  });
  const descriptors = await readDescriptors(open.descriptors, {
    file: (path) => pass.watched.add(path),
    directory: (path) => pass.directories.add(path),
  });
  const plugins = await readPlugins(open.plugins, {
    files: pass.files,
    watch: (path) => pass.watched.add(path),
    tryPlugins,
  });
  const faults = [
    ...plugins.faults,
    ...documents.faults,
    ...certificates.faults,
    ...graphql.faults,
    ...descriptors.faults,
    ...(await readSchemas(open.schemas)),
  ];
  const texts = { ...documents.texts, ...graphql.texts, ...descriptors.texts, ...plugins.texts };
  const digests = { ...certificates.digests, ...plugins.digests };
  const known = { digests, certificates: certificates.facts, plugins: plugins.facts };
  const read = open.finish(texts, { faults, ...known, before });
  const inFiles = [...documents.issues, ...descriptors.issues];
  const isUsable = inFiles.every(({ severity }) => severity === 'warning');
  const found = [...pass.issues, ...inFiles, ...withoutEchoes(read.issues, pass.issues)];
  const issues = found.map((issue) => redactIssue(issue, secrets)).sort(compareIssues);
  return {
    config: pass.issues.length === 0 && isUsable ? read.config : null,
    issues,
    files: [...pass.watched],
    directories: [...pass.directories],
    secrets,
    written: writtenIn({ sources: pass.sources, merged: open.merged, texts }, { faults: [], ...known }),
  };
}

interface Merge {
  readonly sources: readonly Source[];
  readonly merged: Merged;
  readonly texts: GatewayConfig['documents'];
}

function writtenIn({ sources, merged, texts }: Merge, found: FoundInFiles): Written {
  return {
    document: merged.document,
    plainSecrets: () => plainSecrets(merged.document, merged.references),
    locate: (path, at) => {
      const owner = merged.ownerOf(path);
      return { file: owner?.file ?? merged.main, ...(owner?.locate(path, at) ?? START) };
    },
    without: (path) => openConfig(without(sources, path), resolvePath).finish(texts, found).config,
  };
}

/** What looks like a fault while a part of the configuration is missing. */
const MAY_BE_GAPS: ReadonlySet<Issue['code']> = new Set(['UNKNOWN_NAME', 'NO_LISTENER', 'NO_EFFECT']);

/** Drops what only follows: the emptiness of a missing reference, and names that an unreadable file may define. */
function withoutEchoes(issues: readonly Issue[], earlier: readonly Issue[]): readonly Issue[] {
  const missing = new Set(earlier.filter(({ pointer }) => pointer !== '').map(placeKey));
  const hasGaps = earlier.some(({ code }) => code === 'UNREADABLE' || code === 'SYNTAX');
  return issues.filter((issue) => {
    const isGap = hasGaps && MAY_BE_GAPS.has(issue.code);
    return !isGap && !missing.has(placeKey(issue));
  });
}

function placeKey({ file, pointer }: Issue): string {
  return `${file}\0${pointer}`;
}

/** A second wall: messages are made without secrets, but a name or a key could contain one by accident. */
function redactIssue(issue: Issue, { redact }: Redactor): Issue {
  const { message, expected, suggestion } = issue;
  return {
    ...issue,
    message: redact(message),
    ...(expected !== undefined && { expected: redact(expected) }),
    ...(suggestion !== undefined && { suggestion: redact(suggestion) }),
  };
}

function unreadable(file: string, message: string): Issue {
  return { code: 'UNREADABLE', message, file, line: 1, column: 1, pointer: '', severity: 'error' };
}
