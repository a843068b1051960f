/**
 * The known word that was probably meant, or `undefined` when none is close.
 *
 * Close is a Damerau-Levenshtein distance of at most 2, or a third of the length for long words, but 1 for short ones, so that
 * `x` does not suggest `to`, nor `body` `mode`. Then what shares a part of its name: `cert` means `certificate`.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const words = [...known];
  const limit = Math.min(word.length - 1, word.length < 5 ? 1 : Math.max(2, Math.floor(word.length / 3)));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? related(word, words);
}

/** What alone shares most parts of a name, as in `maxBodyBytes` and `bodyBytes`. */
function related(word: string, known: readonly string[]): string | undefined {
  const parts = partsOf(word);
  const shared = (candidate: string): number =>
    partsOf(candidate).filter((part) => parts.some((one) => haveOneStem(one, part))).length;
  const counts = known.map((candidate) => ({ candidate, count: shared(candidate) }));
  const most = Math.max(0, ...counts.map(({ count }) => count));
  const [first, ...others] = counts.filter(({ count }) => count === most);
  return most > 0 && others.length === 0 ? first?.candidate : undefined;
}

function partsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((part) => part.length >= STEM);
}

/** `retries` and `retry`, `corp` and `corporate`. */
function haveOneStem(one: string, other: string): boolean {
  const length = Math.max(STEM, Math.ceil(Math.min(one.length, other.length) * 0.75));
  return one.slice(0, length) === other.slice(0, length);
}

const STEM = 4;

/** Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, at(beforeLast, j - 2) + 1);
      }
      row.push(distance);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

function at(list: readonly number[], index: number): number {
  return list[index] ?? Infinity;
}
