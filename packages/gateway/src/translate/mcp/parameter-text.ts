import type { ToolParameter } from '@turnpike/config/validation';
import type { Json } from '../../core/identity.ts';
import { isRecord, type JsonRecord } from '../../core/mcp/message.ts';
import { writtenNumber } from './exact-json.ts';

/** A parameter of a query or a form. */
export type Pair = readonly [name: string, value: string];

const SEPARATORS: Readonly<Record<ToolParameter['style'], string>> = {
  simple: ',',
  form: ',',
  spaceDelimited: ' ',
  pipeDelimited: '|',
  deepObject: ',',
};

/** A parameter of the query (OpenAPI 3.2 §4.12.2.2). */
export function pairsOf({ name, style, explode, isJson }: ToolParameter, value: Json): Pair[] {
  if (isJson) return [[name, JSON.stringify(value)]];
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map(scalar);
    return explode ? items.map((item) => [name, item] as const) : [[name, items.join(SEPARATORS[style])]];
  }
  if (!isObject(value)) return [[name, scalar(value)]];
  const entries = Object.entries(value);
  if (style === 'deepObject')
    return entries.map(([key, member]) => [`${name}[${key}]`, scalar(member)] as const);
  if (explode) return entries.map(([key, member]) => [key, scalar(member)] as const);
  return [[name, entries.flatMap(([key, member]) => [key, scalar(member)]).join(SEPARATORS[style])]];
}

/** What an argument is given as; undefined: it is not given, whatever objects inherit. */
export function argumentOf(args: JsonRecord, name: string): Json | undefined {
  return Object.hasOwn(args, name) ? args[name] : undefined;
}

/** A value in the style of paths and headers. */
export function simple(value: Json, { explode, isJson }: ToolParameter): string {
  if (isJson) return JSON.stringify(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map(scalar).join(',');
  if (!isObject(value)) return scalar(value);
  const sign = explode ? '=' : ',';
  return Object.entries(value)
    .map(([key, member]) => `${key}${sign}${scalar(member)}`)
    .join(',');
}

/** Whether a value has members: a number that is kept as it was written has none. */
export function isObject(value: Json): value is JsonRecord {
  return isRecord(value) && writtenNumber(value) === null;
}

/** A value that is no list and no object. */
export function scalar(value: Json): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : (writtenNumber(value) ?? JSON.stringify(value));
}
