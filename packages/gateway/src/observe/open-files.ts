import { readdirSync, readFileSync, statSync } from 'node:fs';

/** File descriptors of this process: connections, mostly. */
export interface OpenFiles {
  readonly open: number;
  readonly limit: number;
}

/** How many are open, and how many may be; null: there is no /proc, and nobody knows. */
export function openFiles(): OpenFiles | null {
  if (LIMIT === null) return null;
  return { open: countOpen(LIMIT), limit: LIMIT };
}

/** Whether nobody can be served any more: each request needs two, and a probe one. */
export function isUsedUp({ open, limit }: OpenFiles): boolean {
  return open >= limit - LAST_FILES;
}

const LAST_FILES = 4;

/** Since Linux 6.2 the size of the directory says it, whatever number there is; before, one has to read it, which opens one more. */
function countOpen(limit: number): number {
  try {
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length - 1;
  } catch {
    return limit; // there was none to read it with
  }
}

function readLimit(): number | null {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null; // not on Linux
  }
}

const LIMIT = readLimit();
