import { isFramingField } from '../format/field.ts';
import { editDistance, nearest } from '../nearest.ts';
import { holdsSecret, type JsonSchema, marksOf } from '../schema/json-schema.ts';
import { expectedOf, jsonTypeOf, jsonTypesOf } from './expected.ts';
import type { Compile, Reader } from './reader.ts';
import { reportType, show, startWalk, type Walk, type Wish } from './walk.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** True for what YAML calls a mapping and JSON an object. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Field {
  readonly reader: Reader;
  /** What the key means when it is left out. */
  readonly absent: unknown;
  readonly isRequired: boolean;
  /** A key with nothing behind it is an empty section; for a scalar it is a mistake. */
  readonly mayBeEmpty: boolean;
}

/** An object with known keys. */
export function compileSection(
  properties: Readonly<Record<string, JsonSchema>>,
  schema: JsonSchema,
  compile: Compile,
): Reader {
  const { required = [] } = schema;
  const fields = new Map(
    Object.entries(properties).map(([key, property]) => [
      key,
      compileField(property, required.includes(key), compile),
    ]),
  );
  const blank = Object.fromEntries([...fields].map(([key, { absent }]) => [key, absent]));

  const read: Reader['read'] = (value, walk) => {
    const mapping = mappingOr(value, walk);
    if (mapping === undefined) return blank;
    const result: Record<string, unknown> = { ...blank };
    for (const key of Object.keys(mapping)) {
      const field = fields.get(key);
      walk.path.push(key);
      if (field === undefined) reportUnknownKey(walk, key, properties);
      else if (mapping[key] !== null || !field.mayBeEmpty)
        result[key] = field.reader.read(mapping[key], walk);
      walk.path.pop();
    }
    for (const key of required) {
      if (!Object.hasOwn(mapping, key)) reportMissing(walk, key, expectedOf(properties[key] ?? {}));
    }
    return result;
  };
  return { blank, read };
}

function compileField(schema: JsonSchema, isRequired: boolean, compile: Compile): Field {
  const reader = compile(schema);
  const mayBeEmpty = schema.type === 'object' || schema.type === 'array';
  return { reader, isRequired, mayBeEmpty, absent: absentValue(schema, reader, isRequired) };
}

function absentValue(schema: JsonSchema, reader: Reader, isRequired: boolean): unknown {
  if (schema.default === undefined) return isRequired ? reader.blank : null;
  return reader.read(schema.default, startWalk(new Map(), []));
}

/** Known keys, and entries that users name. */
export function compileOpenSection(
  properties: Readonly<Record<string, JsonSchema>>,
  schema: JsonSchema,
  compile: Compile,
): Reader {
  const known = compileSection(properties, schema, compile);
  const others = compileMap(schema, compile);

  const read: Reader['read'] = (value, walk) => {
    const mapping = mappingOr(value, walk) ?? {};
    const [ours, theirs] = divided(mapping, (key) => Object.hasOwn(properties, key));
    return { ...(known.read(ours, walk) as Mapping), entries: others.read(theirs, walk) };
  };
  return { blank: { ...(known.blank as Mapping), entries: others.blank }, read };
}

function divided(mapping: Mapping, isOurs: (key: string) => boolean): readonly [Mapping, Mapping] {
  const ours = Object.entries(mapping).filter(([key]) => isOurs(key));
  const theirs = Object.entries(mapping).filter(([key]) => !isOurs(key));
  return [Object.fromEntries(ours), Object.fromEntries(theirs)];
}

/** An object that is kept as it is. */
export const FOREIGN: Reader = {
  blank: {},
  read: (value, walk) => mappingOr(value, walk) ?? {},
};

/** Entries that users name. */
export function compileMap(schema: JsonSchema, compile: Compile): Reader {
  const { entry = 'entry' } = marksOf(schema);
  const pattern = new RegExp(schema.propertyNames?.pattern ?? '', 'u');
  const { read: readEntry } = compile(valuesOf(schema));
  const dashHint = `; begin each ${entry} with its name and a colon, not with a dash`;

  const read: Reader['read'] = (value, walk) => {
    const entries = new Map<string, unknown>();
    const mapping = mappingOr(value, walk, Array.isArray(value) ? dashHint : '') ?? {};
    for (const key of Object.keys(mapping)) {
      walk.path.push(key);
      if (!pattern.test(key)) reportName(walk, key, entry);
      else if (entry === 'header' && isFramingField(key)) reportFraming(walk);
      entries.set(key, readEntry(mapping[key], walk));
      walk.path.pop();
    }
    return entries;
  };
  return { blank: new Map(), read };
}

/** Entries of sections, such as routes, have this depth. */
const ENTRY_DEPTH = 2;

/**
 * Reads a section or an entry of one only once: loaders give what has not changed as the same object, and there may be thousands.
 *
 * What has faults is read again, to tell them; what has other references than before comes as another object.
 */
export function remembering({ read, blank }: Reader): Reader {
  const known = new WeakMap<object, unknown>();
  const readAnew = (value: object, walk: Walk): unknown => {
    let isFaulty = false;
    const report: Walk['report'] = (draft) => {
      isFaulty = true;
      walk.report(draft);
    };
    const result = read(value, { ...walk, report });
    if (!isFaulty) known.set(value, result);
    return result;
  };
  return {
    blank,
    read: (value, walk) => {
      const isKept = walk.path.length === ENTRY_DEPTH && typeof value === 'object' && value !== null;
      return isKept ? (known.get(value) ?? readAnew(value, walk)) : read(value, walk);
    },
  };
}

function valuesOf({ additionalProperties }: JsonSchema): JsonSchema {
  return typeof additionalProperties === 'object' ? additionalProperties : {};
}

/** A list. */
export function compileList(schema: JsonSchema, compile: Compile): Reader {
  const { read: readItem } = compile(schema.items ?? {});
  const isSecret = holdsSecret(schema);
  const types = jsonTypesOf(schema.items ?? {});
  const wishFor = (value: unknown): Wish => ({
    expected: 'a list',
    hint: types.has(jsonTypeOf(value)) ? LIST_HINT : '',
  });
  const read: Reader['read'] = (value, walk) => {
    if (!Array.isArray(value)) {
      reportType(isSecret ? { ...walk, isSecret } : walk, value, wishFor(value));
      return [];
    }
    return value.map((item: unknown, index) => {
      walk.path.push(index);
      const result = readItem(item, walk);
      walk.path.pop();
      return result;
    });
  };
  return { blank: [], read };
}

const LIST_HINT = '; put it in [ ], or behind a dash';

/** An empty entry (`users:` and nothing behind it) is an empty mapping, as in every YAML configuration. */
function mappingOr(value: unknown, walk: Walk, hint = ''): Mapping | undefined {
  if (isMapping(value)) return value;
  if (value === null) return {};
  reportType(walk, value, { expected: 'a mapping', hint });
  return undefined;
}

function reportUnknownKey(walk: Walk, key: string, known: Readonly<Record<string, JsonSchema>>): void {
  const words = Object.keys(known);
  const near = nearest(key, words);
  const isTypo = near !== undefined && editDistance(near.toLowerCase(), key.toLowerCase()) === 1;
  const elsewhere = isTypo ? null : (gluedHint(key, words) ?? depthHint(walk, key) ?? innerHint(key, known));
  const hint =
    elsewhere ?? (near === undefined ? `known here: ${words.join(', ')}` : `did you mean ${near}?`);
  const suggestion = elsewhere === null ? near : undefined;
  walk.report({ code: 'UNKNOWN_KEY', message: `unknown key ${show(key)}; ${hint}`, at: 'key', suggestion });
}

function gluedHint(key: string, words: readonly string[]): string | null {
  const [first = ''] = key.split(/[ :]/, 1);
  const isGlued = first !== key && words.includes(first);
  return isGlued ? `is a colon, or a space after it, missing after ${first}?` : null;
}

/** A section that is indented too far is an entry of the one above it, and then its entries are unknown keys. */
function depthHint({ path, sections }: Walk, key: string): string | null {
  const section = [String(path[1]), key].find((name) => path.length > 1 && sections.includes(name));
  return section === undefined ? null : `${section} is a section of its own; is it indented too far?`;
}

/** Such as `timeout` of a route, which is one of its policies. */
function innerHint(key: string, known: Readonly<Record<string, JsonSchema>>): string | null {
  const holders = Object.keys(known).filter((name) => hasKey(known[name] ?? {}, key));
  const isClear = holders.length > 0 && holders.length <= 2;
  return isClear ? `did you mean ${holders.map((name) => `${name}.${key}`).join(' or ')}?` : null;
}

function hasKey({ properties = {}, anyOf = [] }: JsonSchema, key: string): boolean {
  return Object.hasOwn(properties, key) || anyOf.some((branch) => hasKey(branch, key));
}

function reportMissing(walk: Walk, key: string, expected: string): void {
  const message = `the key "${key}" is missing; it takes ${expected}`;
  walk.report({ code: 'MISSING_KEY', message, at: 'key', expected });
}

/** Entries that are called by a name of ours, not by one of HTTP or of somebody else. */
const NAMED = new Set(['listener', 'service', 'route', 'identity provider', 'consumer', 'list', 'API']);

function reportName(walk: Walk, key: string, entry: string): void {
  const isName = NAMED.has(entry);
  const expected = isName ? `a ${entry} name of letters, digits, _ . and -` : `a ${entry}`;
  walk.report({ code: 'BAD_VALUE', message: `${show(key)} is not ${expected}`, at: 'key', expected });
}

function reportFraming(walk: Walk): void {
  const message = 'this header belongs to the framing of messages, which only the gateway writes; remove it';
  walk.report({ code: 'BAD_VALUE', message, at: 'key' });
}
