import type { Path } from '@turnpike/config/load';
import type { Field } from '@turnpike/gateway/offline';
import { valuesOf } from './fields.ts';
import { jsonDifferences, matchesText, shown } from './match-value.ts';

/** One thing that is not as it must be. */
export interface Difference {
  /** Below `expect`. */
  readonly path: Path;
  /** Inside of the value there, for JSON. */
  readonly place?: string;
  readonly expected: string;
  readonly got: string;
}

/** A value that must be this one; null: it may be anything. */
export function plain(key: string, expected: string | number | null, got: string | number): Difference[] {
  if (expected === null || expected === got) return [];
  return [{ path: [key], expected: String(expected), got: got === '' ? 'nothing' : String(got) }];
}

/** A text that must match. */
export function matching(path: Path, expected: string | null, got: string): Difference[] {
  if (expected === null || matchesText(expected, got)) return [];
  return [{ path, expected: shown(expected), got: shown(got) }];
}

type Wanted = ReadonlyMap<string, string | number | boolean>;

/** Fields that must match: one of their lines, or all of them as a list. */
export function fieldDifferences(path: Path, wanted: Wanted, fields: readonly Field[]): Difference[] {
  return Array.from(wanted).flatMap(([name, expected]) => {
    const values = valuesOf(fields, name);
    const isMatched =
      values.length > 0 && [...values, values.join(', ')].some((value) => matchesText(expected, value));
    if (isMatched) return [];
    const got = values.length === 0 ? 'nothing' : values.map(shown).join(' and ');
    return [{ path: [...path, name], expected: shown(expected), got }];
  });
}

/** Fields that must not be there. */
export function missing(path: Path, names: readonly string[], fields: readonly Field[]): Difference[] {
  return names.flatMap((name, index) => {
    const values = valuesOf(fields, name);
    if (values.length === 0) return [];
    return [{ path: [...path, index], expected: `no ${name}`, got: values.map(shown).join(' and ') }];
  });
}

/** What bodies must be. */
export interface WantedBody {
  readonly body: string | null;
  readonly json: unknown;
}

/** A body that must match as text, as JSON, or both. */
export function bodyDifferences({ body, json }: WantedBody, bytes: Buffer, path: Path = []): Difference[] {
  const text = bytes.toString();
  return [...matching([...path, 'body'], body, text), ...jsonOf(json, text, [...path, 'json'])];
}

function jsonOf(wanted: unknown, text: string, path: Path): Difference[] {
  if (wanted === null) return [];
  const value = parsed(text);
  if (value === undefined) return [{ path, expected: shown(wanted), got: `no JSON: ${shown(text)}` }];
  return jsonDifferences(wanted, value).map((found) => ({ path, ...found }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the report says that it is no JSON
  }
}
