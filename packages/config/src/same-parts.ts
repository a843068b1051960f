type Entry = Readonly<Record<string, unknown>>;

/**
 * Whether two entries mean the same for sure, wherever they are written. False tells nothing: what is loaded again and has not
 * changed keeps its parts as they are, so this does not look into them.
 */
export function hasSameParts<T extends object>(one: T, other: T): boolean {
  if (one === other) return true;
  const [ours, theirs] = [one as Entry, other as Entry];
  const keys = Object.keys(ours);
  if (keys.length !== Object.keys(theirs).length) return false;
  return keys.every((key) => key === 'origin' || ours[key] === theirs[key]);
}
