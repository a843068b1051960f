/** What JSON says, or null if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // for the caller the same as JSON that says nothing of use
  }
}

/** What stands at a path inside of a JSON value; undefined if there is nothing. Never throws, whatever the value is. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

/** The text at a path; null if there is none, or an empty one. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

/** The list at a path; empty if there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A whole number from 0 on at a path, also one that is written as text, as protocol buffers do with 64 bits; null if there is none. */
export function wholeAt(value: unknown, ...path: readonly string[]): number | null {
  const found = at(value, ...path);
  const number = typeof found === 'string' && /^\d{1,16}$/.test(found) ? Number(found) : found;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}
