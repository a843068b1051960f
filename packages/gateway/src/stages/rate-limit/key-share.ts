/**
 * Whether a key is among the `percent` of all keys for which a limit acts. Always the same for the same key, on every
 * thread and gateway: a caller who is refused now and then and at random could not tell why.
 */
export function isInShare(limit: string, key: string, percent: number): boolean {
  if (percent >= 100) return true;
  return percentile(`${limit} ${key}`) < percent;
}

/** From 0 up to 100, by a hash: FNV-1a, finished as MurmurHash3 is, because short texts differ in few bits. */
function percentile(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (((h ^ (h >>> 16)) >>> 0) / 2 ** 32) * 100;
}
