/** A purge as gateways tell each other of it. */
export interface PurgeMessage {
  readonly number: number;
  /** The number of the purge before. Who knows that one knows all. */
  readonly before: number;
  readonly kind: 'hard' | 'soft';
  readonly tags: readonly string[];
}

/** What a purge is told with, behind the numbers. */
export function purgeText(tags: readonly string[], kind: PurgeMessage['kind']): string {
  return JSON.stringify([kind, ...tags]);
}

/** A purge that was told, or null if that is nothing of ours. */
export function readPurge(message: string): PurgeMessage | null {
  const [, number = '', before = '', text = ''] = /^(\d{1,16}) (\d{1,16}) (.*)$/s.exec(message) ?? [];
  const words = wordsIn(text);
  const [kind, ...tags] = words ?? [];
  if (kind !== 'hard' && kind !== 'soft') return null;
  return { number: Number(number), before: Number(before), kind, tags };
}

function wordsIn(text: string): string[] | null {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : null;
  } catch {
    // Everybody who may publish there can send anything.
    return null;
  }
}
