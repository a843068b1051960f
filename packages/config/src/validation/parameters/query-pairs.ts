/** One pair of a query or a form. */
export interface Pair {
  /** Decoded; null if it cannot be. */
  readonly name: string | null;
  /** As it was written. */
  readonly raw: string;
}

/** Pairs of names and values, in their order. */
export interface Pairs {
  readonly all: readonly Pair[];
  /** As they were written. */
  valuesOf(name: string): readonly string[];
}

/** The pairs of a query without its `?`, or of a form (URL Standard §5.1). A name without `=` has an empty value. */
export function pairsOf(text: string): Pairs {
  const pairs: Pair[] = [];
  for (let at = 0; at < text.length;) {
    const ampersand = text.indexOf('&', at);
    const end = ampersand === -1 ? text.length : ampersand;
    if (end > at) pairs.push(pairOf(text.slice(at, end)));
    at = end + 1;
  }
  return indexed(pairs);
}

function pairOf(text: string): Pair {
  const equals = text.indexOf('=');
  if (equals === -1) return { name: decodedForm(text), raw: '' };
  return { name: decodedForm(text.slice(0, equals)), raw: text.slice(equals + 1) };
}

/** Pairs that are found by their names. */
export function indexed(all: readonly Pair[]): Pairs {
  const byName = new Map<string, string[]>();
  for (const { name, raw } of all) {
    if (name === null) continue;
    const values = byName.get(name);
    if (values === undefined) byName.set(name, [raw]);
    else values.push(raw);
  }
  return { all, valuesOf: (name) => byName.get(name) ?? NONE };
}

const NONE: readonly string[] = [];

/** Decodes as forms are: `+` is a space. Null for what is not decodable. */
export function decodedForm(text: string): string | null {
  return decodedUri(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** Decodes percent-encoding of UTF-8 (RFC 3986 §2.5). Null for what is not decodable. */
export function decodedUri(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not an escape, or not UTF-8.
    return null;
  }
}
