/**
 * The values of a parameter in a query (with its leading `?`, or `''`), in their order; null for one that is not decodable.
 *
 * Decoded as a form (URL Standard §5.1), into bytes of one character each; so `name` has to be as well. A scan, because
 * `URLSearchParams` would decode all of the query for the one parameter that is wanted.
 */
export function queryValues(query: string, name: string): (string | null)[] {
  const found: (string | null)[] = [];
  for (let at = 1; at < query.length;) {
    const end = pairEnd(query, at);
    const equals = nameEnd(query, at, end);
    if (decoded(query.slice(at, equals)) === name)
      found.push(decoded(query.slice(Math.min(equals + 1, end), end)));
    at = end + 1;
  }
  return found;
}

/** The query without a parameter; what is left keeps its order and its bytes. */
export function withoutParameter(query: string, name: string): string {
  const kept: string[] = [];
  const pairs = query.slice(1).split('&');
  for (const pair of pairs) {
    if (decoded(pair.slice(0, nameEnd(pair, 0, pair.length))) !== name) kept.push(pair);
  }
  if (kept.length === pairs.length) return query;
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

/** The query with some parameters only, by their decoded names; what is left keeps its order and its bytes. */
export function onlyParameters(query: string, isWanted: (name: string) => boolean): string {
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => {
      const name = decoded(pair.slice(0, nameEnd(pair, 0, pair.length)));
      return name !== null && isWanted(name);
    });
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

/** The parameters of a query as decoded pairs of name and value, in their order. What is not decodable stays as it is. */
export function queryPairs(query: string): (readonly [name: string, value: string])[] {
  const pairs = query
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '');
  return pairs.map((pair) => {
    const equals = nameEnd(pair, 0, pair.length);
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    return [decoded(name) ?? name, decoded(value) ?? value];
  });
}

/** How many parameters a query has. What is empty between two `&` is none (URL Standard §5.1). */
export function parameterCount(query: string): number {
  let count = 0;
  for (let at = 1; at < query.length;) {
    const end = pairEnd(query, at);
    if (end > at) count++;
    at = end + 1;
  }
  return count;
}

function pairEnd(query: string, from: number): number {
  const ampersand = query.indexOf('&', from);
  return ampersand === -1 ? query.length : ampersand;
}

function nameEnd(text: string, from: number, end: number): number {
  const equals = text.indexOf('=', from);
  return equals === -1 || equals > end ? end : equals;
}

function decoded(text: string): string | null {
  if (!/[%+]/.test(text)) return text;
  const spaced = text.replaceAll('+', ' ');
  if (/%(?![0-9A-Fa-f]{2})/.test(spaced)) return null;
  return spaced.replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
