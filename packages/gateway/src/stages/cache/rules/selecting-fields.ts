// The same wish of a client, however it is written (RFC 9111 §4.1).

/** An element of a list with weights (RFC 9110 §12.4.2). */
interface Weighted {
  /** In lower case, without white space. */
  readonly name: string;
  /** 0 to 1; what makes no sense counts as 1. */
  readonly weight: number;
}

/** Other names for the same coding (RFC 9110 §8.4.1). */
const SAME_CODING: Readonly<Record<string, string>> = { 'x-gzip': 'gzip', 'x-compress': 'compress' };

/**
 * The codings that a client takes, sorted. Which one it likes best is left out: each is good enough for it. What it does not take is left
 * out as well, but for `identity` and `*`, which it would take if it said nothing. Codings that we do not know stay: services may.
 */
export function normalisedEncodings(text: string): string {
  const codings = new Set<string>();
  for (const { name, weight } of weightedList(text)) {
    const coding = SAME_CODING[name] ?? name;
    if (weight > 0) codings.add(coding);
    else if (coding === 'identity' || coding === '*') codings.add(`-${coding}`);
  }
  return [...codings].sort().join(',');
}

/** The languages that a client takes, best first; those that are as good as each other by name. */
export function normalisedLanguages(text: string): string {
  const languages = weightedList(text).sort(
    (a, b) => b.weight - a.weight || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  return languages.map(({ name, weight }) => (weight === 1 ? name : `${name};q=${weight}`)).join(',');
}

/** Without the white space at both ends and around commas. What is quoted stays as it is. */
export function withoutListSpace(text: string): string {
  if (!text.includes('"')) return text.split(',').map(trimmed).join(',');
  const kept: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === '\\' && isQuoted) at++;
    if (text[at] !== ',' || isQuoted) continue;
    kept.push(trimmed(text.slice(from, at)));
    from = at + 1;
  }
  return [...kept, trimmed(text.slice(from))].join(',');
}

function weightedList(text: string): Weighted[] {
  const parts = text.toLowerCase().split(',').map(trimmed);
  return parts.filter((part) => part !== '').map(weighted);
}

function weighted(part: string): Weighted {
  const semicolon = part.indexOf(';');
  if (semicolon === -1) return { name: part, weight: 1 };
  const [, digits] = /^;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(part.slice(semicolon)) ?? [];
  // With anything else behind it, it is an element of its own.
  if (digits === undefined) return { name: part, weight: 1 };
  return { name: trimmed(part.slice(0, semicolon)), weight: Number(digits) };
}

/** `String.trim` would take characters of other alphabets, which here are bytes. */
function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && (text[from] === ' ' || text[from] === '\t')) from++;
  while (to > from && (text[to - 1] === ' ' || text[to - 1] === '\t')) to--;
  return text.slice(from, to);
}
