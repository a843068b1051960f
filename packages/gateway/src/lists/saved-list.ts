import { hash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TextVersion } from './list-ports.ts';

/** The copy of a text that was fetched. */
export interface SavedList extends TextVersion {
  readonly url: string;
  readonly text: string;
  /** Milliseconds since 1970 when it was fetched. */
  readonly loadedAtMs: number;
}

/**
 * Keeps a copy so that after a crash at any moment the file is the old one or the new one, never a part. Only the owner may
 * read it. It is the text as it came, below one line of ours; of the URL only the digest is in it, because there are URLs with
 * secrets.
 */
export async function saveList(path: string, { url, text, ...about }: SavedList): Promise<void> {
  const head = JSON.stringify({ format: FORMAT, source: hash('sha256', url), ...about });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`# ${head}\n${text}`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error says more
    throw error;
  }
}

/** The copy of what a URL gave, or null: there is none, of this URL, that can be read. Never rejects. */
export async function readSavedList(path: string, url: string): Promise<SavedList | null> {
  try {
    const saved = await readFile(path, 'utf8');
    const end = saved.indexOf('\n');
    const head: Record<string, unknown> = JSON.parse(saved.slice(2, end));
    if (head['format'] !== FORMAT || head['source'] !== hash('sha256', url)) return null;
    return {
      url,
      text: saved.slice(end + 1),
      etag: textOf(head['etag']),
      lastModified: textOf(head['lastModified']),
      loadedAtMs: Number(head['loadedAtMs']),
    };
  } catch {
    return null; // it is fetched anew
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Must be raised when the first line changes so that an older one would not do. */
const FORMAT = 1;
