/**
 * Whether a text is as somebody wrote that it must be: exact, `/regex/` between slashes, or `*` for any. The expression is the
 * user's own, on their own machine: it may take what time it likes.
 */
export function matchesText(wanted: string | number | boolean, text: string): boolean {
  const pattern = String(wanted);
  if (pattern === '*') return true;
  const source = regexIn(pattern);
  return source === null ? pattern === text : new RegExp(source, 'su').test(text);
}

/** The expression between the slashes, or null if it is none. */
export function regexIn(text: string): string | null {
  return text.length > 2 && text.startsWith('/') && text.endsWith('/') ? text.slice(1, -1) : null;
}

/** A place in a JSON value that is not as it must be. */
export interface JsonDifference {
  /** `.items[0].id`, or `''` for the whole. */
  readonly place: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * Where a value is not as it must be. Objects may have more members than were asked for; lists must be as long as what was asked
 * for; texts are matched as above.
 */
export function jsonDifferences(wanted: unknown, value: unknown, place = ''): JsonDifference[] {
  if (Array.isArray(wanted)) return listDifferences(wanted, value, place);
  if (isObject(wanted)) return objectDifferences(wanted, value, place);
  const isSame =
    typeof wanted === 'string' && (typeof value === 'string' || wanted === '*')
      ? value !== undefined && matchesText(wanted, String(value))
      : Object.is(wanted, value);
  return isSame ? [] : [{ place, expected: shown(wanted), got: shown(value) }];
}

function listDifferences(wanted: readonly unknown[], value: unknown, place: string): JsonDifference[] {
  if (!Array.isArray(value)) return [{ place, expected: shown(wanted), got: shown(value) }];
  if (value.length !== wanted.length)
    return [{ place, expected: `${wanted.length} items`, got: `${value.length}: ${shown(value)}` }];
  return wanted.flatMap((item, index) => jsonDifferences(item, value[index], `${place}[${index}]`));
}

function objectDifferences(wanted: object, value: unknown, place: string): JsonDifference[] {
  if (!isObject(value) || Array.isArray(value))
    return [{ place, expected: shown(wanted), got: shown(value) }];
  const members = new Map(Object.entries(value));
  return Object.entries(wanted).flatMap(([name, member]) =>
    jsonDifferences(member, members.get(name), `${place}.${name}`),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** For people, on one line. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

const MOST_SHOWN = 300;
