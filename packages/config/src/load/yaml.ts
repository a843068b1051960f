import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  stringify,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Position } from '../issue.ts';
import type { Path } from '../path.ts';
import { type Locate, START } from '../source/source.ts';
import {
  emptyFile,
  type KeyPositions,
  keyPositions,
  type ParsedText,
  setOwn,
  type SyntaxFault,
  unreadable,
} from './parsed-text.ts';

/** Aliases may repeat this many values in all; a bomb of nested aliases wants millions. */
const MAX_ALIASED_VALUES = 10_000;

/** Values in values, as in JSON. Ours need 12; schemas that are written in place may need some more. */
const MAX_DEPTH = 200;

/**
 * Parses YAML 1.2 (core schema): `off` and `on` are words, not booleans.
 *
 * One document, no tags, unique keys. Values are built by us and not by the library, because its check for
 * unique keys compares every pair (10,000 routes took seconds), and because we want the places of entries.
 * The syntax tree is not kept: it is some forty times the size of the text.
 */
export function parseYaml(text: string): ParsedText {
  if (text.trim() === '') return unreadable([emptyFile()]);
  const tree = parseTree(text);
  if (tree instanceof Error) return unreadable([tooDeep(START)]);
  const faults = libraryFaults(tree);
  if (faults.length > 0) return unreadable(faults);
  const built = build(tree);
  if (built.faults.some(({ code }) => code === 'SYNTAX')) return unreadable(built.faults);
  return {
    value: built.value,
    faults: built.faults,
    keyPosition: built.keys.find,
    openLocator: () => openLocator(text),
  };
}

/** YAML of a value, which `parseYaml` reads as the same again: no aliases, no folded lines. */
export function writeYaml(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0, schema: 'core', version: '1.2' });
}

/**
 * Reads a text that is a part of another. `null`: there is something in it that has to be seen in the light of the rest, or told.
 */
export function readYamlPart(text: string): Pick<ParsedText, 'value' | 'keyPosition'> | null {
  const tree = parseTree(text);
  if (tree instanceof Error || libraryFaults(tree).length > 0) return null;
  const { value, keys, faults, anchors } = build(tree);
  return faults.length > 0 || anchors.size > 0 ? null : { value, keyPosition: keys.find };
}

interface Tree {
  readonly text: string;
  readonly document: Document.Parsed;
  readonly positionAt: (offset: number) => Position;
}

function parseTree(text: string): Tree | RangeError {
  const lineCounter = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      lineCounter,
      logLevel: 'error',
      merge: false,
      prettyErrors: false,
      resolveKnownTags: false,
      schema: 'core',
      stringKeys: true,
      uniqueKeys: false,
      version: '1.2',
    });
    return { text, document, positionAt };
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}

/** Where the library's own words do not say how to mend it. */
const REASONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_DQ_ESCAPE: 'between double quotes a backslash begins an escape; put this between single quotes',
  BAD_INDENT:
    'this is indented like nothing above it; keys of one mapping, and items of one list, start at the same column',
  BAD_SCALAR_START: 'text cannot begin with this sign; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a mapping cannot begin in the middle of a line; begin a new one and indent it, or put it in { }; text with a colon needs quotes',
  MISSING_CHAR:
    'something is missing here, such as a colon and a space after a key, a comma, or a quotation mark',
  MULTILINE_IMPLICIT_KEY:
    'this is taken for a key, but goes over several lines; write a colon and a space after the key',
  MULTIPLE_DOCS: 'a second document begins here; put it into a file of its own',
  TAB_AS_INDENT: 'this line is indented with a tab; use spaces',
  TAG_RESOLVE_FAILED: 'tags are not understood; write the value without tag',
  UNEXPECTED_TOKEN: 'this cannot stand here; text with { } [ ] , : or # in it needs quotes',
};

/** Once the library has lost the thread, it finds more and more: only the first of these is told. */
const LOST: ReadonlySet<ErrorCode> = new Set([
  'BAD_INDENT',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'TAB_AS_INDENT',
  'UNEXPECTED_TOKEN',
]);

/** What the library found. */
function libraryFaults(tree: Tree): SyntaxFault[] {
  const { errors, warnings, directives } = tree.document;
  const tooMuch = errors.find(({ message }) => message.includes('call stack'));
  if (tooMuch !== undefined) return [tooDeep(tree.positionAt(tooMuch.pos[0]))];
  const [lost, ...echoes] = errors
    .filter(({ code }) => LOST.has(code))
    .toSorted((a, b) => a.pos[0] - b.pos[0]);
  const told = errors.filter((error) => !echoes.includes(error));
  const faults = [...told, ...warnings].map((error) =>
    error === lost ? lostFault(error, tree) : plainFault(error, tree),
  );
  if (directives.yaml.explicit === true && directives.yaml.version !== '1.2') {
    const message = 'only YAML 1.2 is understood; remove the %YAML directive';
    faults.push({ code: 'SYNTAX', message, position: START });
  }
  return faults;
}

type LibraryError = Document.Parsed['errors'][number] | Document.Parsed['warnings'][number];

function plainFault({ code, message, pos }: LibraryError, { positionAt }: Tree): SyntaxFault {
  return {
    code: 'SYNTAX',
    message: `this is not valid YAML: ${REASONS[code] ?? message}`,
    position: positionAt(pos[0]),
  };
}

/** What is not closed shows far below, so it is told where it was opened. */
function lostFault(error: LibraryError, tree: Tree): SyntaxFault {
  const at = error.pos[0];
  const open = unclosedAt(tree, at);
  if (open !== null) {
    const message = `this is not valid YAML: what is opened here with ${open.mark} is not closed; add ${CLOSING[open.mark]}, or check the indentation`;
    return { code: 'SYNTAX', message, position: tree.positionAt(open.offset) };
  }
  const indent = /^ */.exec(tree.text.slice(at))?.[0].length ?? 0;
  return { ...plainFault(error, tree), position: tree.positionAt(at + indent) };
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']', '"': '"', "'": "'" };

/** The innermost bracket or quotation that ends, for the library, where something is wrong. */
function unclosedAt(
  { document, text }: Tree,
  at: number,
): { readonly offset: number; readonly mark: string } | null {
  let found: { readonly offset: number; readonly mark: string } | null = null;
  visit(document, {
    Node: (_, node) => {
      const [start, end] = node.range ?? [0, 0];
      const mark = text[start] ?? '';
      const closing = CLOSING[mark];
      const isClosed = end - start > 1 && text[end - 1] === closing;
      if (closing !== undefined && start < at && end >= at - 1 && !isClosed) found = { offset: start, mark };
    },
  });
  return found;
}

function tooDeep(position: Position): SyntaxFault {
  const message = `this is nested too deeply: more than ${MAX_DEPTH} levels`;
  return { code: 'SYNTAX', message, position };
}

interface Built {
  readonly value: unknown;
  /** Values in it, itself included, aliases expanded. */
  readonly weight: number;
}

/** Everything that the tree says; beyond the depth that is allowed it says nothing, so this cannot overflow. */
function build(tree: Tree): Build & { readonly value: unknown } {
  const build: Build = { tree, keys: keyPositions(), faults: [], anchors: new Map(), path: [], aliased: 0 };
  const { value } = buildNode(tree.document.contents, build);
  return { ...build, value };
}

interface Build {
  readonly tree: Tree;
  readonly keys: KeyPositions;
  readonly faults: SyntaxFault[];
  readonly anchors: Map<string, Built>;
  readonly path: (string | number)[];
  aliased: number;
}

function buildNode(node: Node | null, build: Build): Built {
  if (isAlias(node)) return buildAlias(node.source, node, build);
  const built = buildValue(node, build);
  if (node !== null && 'anchor' in node && typeof node.anchor === 'string')
    build.anchors.set(node.anchor, built);
  return built;
}

function buildValue(node: Node | null, build: Build): Built {
  if (build.path.length > MAX_DEPTH) {
    build.faults.push(tooDeep(positionOf(node, build.tree)));
    return { value: null, weight: 1 };
  }
  if (isMap(node)) return buildMap(node, build);
  if (isSeq(node)) {
    const items = node.items.map((item, index) => {
      build.path.push(index);
      const built = buildNode(item as Node | null, build);
      build.path.pop();
      return built;
    });
    return { value: items.map(({ value }) => value), weight: sum(items) };
  }
  return { value: isScalar(node) ? (node.value ?? null) : null, weight: 1 };
}

function buildMap(node: YAMLMap, build: Build): Built {
  const value: Record<string, unknown> = {};
  const children: Built[] = [];
  for (const pair of node.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const position = positionOf(pair.key as Node | null, build.tree);
    if (Object.hasOwn(value, key)) {
      const message = `the key ${JSON.stringify(key)} stands twice in the same mapping; keep one of them`;
      build.faults.push({ code: 'DUPLICATE_KEY', message, position });
    }
    build.path.push(key);
    if (build.path.length <= 2) build.keys.note(build.path, position);
    const child = buildNode(pair.value as Node | null, build);
    build.path.pop();
    children.push(child);
    setOwn(value, key, child.value);
  }
  return { value, weight: sum(children) };
}

/** An anchor is known once its node is built, so an alias within itself is an unknown one. */
function buildAlias(name: string, node: Node, build: Build): Built {
  const built = build.anchors.get(name);
  const isTold = build.aliased > MAX_ALIASED_VALUES;
  build.aliased += built?.weight ?? 0;
  if (built !== undefined && build.aliased <= MAX_ALIASED_VALUES) return built;
  if (built !== undefined && isTold) return { value: null, weight: 1 };
  const problem =
    built === undefined
      ? 'refers to nothing before it'
      : `repeats too much: aliases stand for more than ${MAX_ALIASED_VALUES} values in all; write out what differs`;
  const message = `the alias *${name} ${problem}`;
  build.faults.push({ code: 'SYNTAX', message, position: positionOf(node, build.tree) });
  return { value: null, weight: 1 };
}

function sum(children: readonly Built[]): number {
  return children.reduce((total, { weight }) => total + weight, 1);
}

function positionOf(node: Node | null, tree: Tree): Position {
  return tree.positionAt(node?.range?.[0] ?? 0);
}

/** Finds places in a text that can be read. */
export function openLocator(text: string): Locate {
  const tree = parseTree(text);
  const steps = stepper();
  return (path, at) => (tree instanceof Error ? START : locate({ tree, steps }, path, at));
}

interface Places {
  readonly tree: Tree;
  readonly steps: Stepper;
}

function locate({ tree, steps }: Places, path: Path, at: 'key' | 'value'): Position {
  let node: Node | null = tree.document.contents;
  let place: Node | null = node;
  for (const [index, part] of path.entries()) {
    const step: Step | undefined = steps(node, part);
    if (step === undefined) break;
    const wantsKey = at === 'key' || index < path.length - 1 || step.value === null;
    place = wantsKey ? step.key : step.value;
    node = step.value;
  }
  return positionOf(place, tree);
}

interface Step {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** Finds what a node has under a key or an index. */
type Stepper = (node: Node | null, part: string | number) => Step | undefined;

/** Makes a list of the keys of each mapping that it is asked for: thousands of places may be wanted of one. */
function stepper(): Stepper {
  const known = new Map<YAMLMap, ReadonlyMap<string, Step>>();
  return (node, part) => {
    if (isSeq(node) && typeof part === 'number') {
      const item = node.items[part] as ParsedNode | null | undefined;
      return item === undefined ? undefined : { key: item, value: item };
    }
    if (!isMap(node)) return undefined;
    const steps = known.get(node) ?? stepsOf(node);
    known.set(node, steps);
    return steps.get(String(part));
  };
}

/** Of a key that stands twice the last, whose value counts until one of them is gone. */
function stepsOf(node: YAMLMap): ReadonlyMap<string, Step> {
  const steps = new Map<string, Step>();
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    steps.set(String(key.value), { key, value: value as Node | null });
  }
  return steps;
}
