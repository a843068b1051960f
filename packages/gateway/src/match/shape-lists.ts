/** Words of shape lists, and for each group where in the table its list of starts is. */
export type ShapeLists = { readonly words: readonly number[]; readonly startsOfGroups: readonly number[] };

/**
 * For each group and number of segments, the shapes to try, most specific first. A list of starts has a place for 0 to
 * `maxSegments + 1` segments (the last stands for all longer paths) and one for the end. `base` is where the words will be.
 */
export function shapeLists(
  shapesOfGroups: readonly ReadonlySet<number>[],
  shapes: readonly string[],
  base: number,
): ShapeLists {
  const maxSegments = longest(shapes);
  const words: number[] = [];
  const known = new Map<string, number>();
  const startsOfGroups = shapesOfGroups.map((numbers) => {
    const sorted = [...numbers].sort((one, other) => compare(shapes[one] ?? '', shapes[other] ?? ''));
    const key = sorted.join();
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    const starts = base + words.length;
    known.set(key, starts);
    let next = starts + maxSegments + 3;
    const lists: number[] = [];
    for (let count = 0; count <= maxSegments + 1; count++) {
      words.push(next);
      const matching = sorted.filter((number) => fits(shapes[number] ?? '', count));
      lists.push(...matching);
      next += matching.length;
    }
    words.push(next, ...lists);
    return starts;
  });
  return { words, startsOfGroups };
}

/** The most segments of any shape. */
export function longest(shapes: readonly string[]): number {
  return shapes.reduce((most, shape) => Math.max(most, segmentsOf(shape)), 0);
}

/** How many segments a shape looks at. */
export function segmentsOf(shape: string): number {
  return isPrefix(shape) ? shape.length - 1 : shape.length;
}

function isPrefix(shape: string): boolean {
  return shape.endsWith('R');
}

function fits(shape: string, count: number): boolean {
  return isPrefix(shape) ? segmentsOf(shape) <= count : shape.length === count;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
