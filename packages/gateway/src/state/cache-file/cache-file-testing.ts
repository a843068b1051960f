/** For tests: what is written, and what is read of it. */
import type { FileAbout, FileEntry } from './layout.ts';
import { openCacheFile } from './read-cache-file.ts';
import { writeCacheFile } from './write-cache-file.ts';

export const ABOUT: FileAbout = {
  savedAtMs: 1_800_000_000_000,
  memories: [{ name: '', hashKey: [1, -2] }],
  routes: { shop: 'digest' },
  fleet: { id: 'fleet', known: 7 },
};

export function entryOf(n: number, bodyBytes: number): FileEntry {
  return {
    memory: 0,
    key: `shop\nhttps://a.example/${n}\u00fc`,
    head: `R ${n}`,
    digests: n % 2 === 0 ? [] : [n, -n],
    body: Buffer.alloc(bodyBytes, n),
    hits: n,
    isSoftPurged: n % 3 === 0,
  };
}

export function entriesOf(count: number, bodyBytes = 40): FileEntry[] {
  return Array.from({ length: count }, (_, n) => entryOf(n, bodyBytes));
}

export function write(path: string, entries: Iterable<FileEntry>, left: 'in-order' | 'in-use' = 'in-order') {
  return writeCacheFile(path, { about: ABOUT, left, entries });
}

/** What could be read, and what then was wrong. */
export async function readAll(path: string) {
  const file = await openCacheFile(path);
  const entries: FileEntry[] = [];
  try {
    for await (const entry of file.entries()) entries.push(entry);
    return { about: file.about, wasInOrder: file.wasInOrder, entries, problem: null };
  } catch (problem) {
    return { about: file.about, wasInOrder: file.wasInOrder, entries, problem };
  } finally {
    await file.close();
  }
}
