import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/ports.ts';
import type { AcmeStorage, Lease } from './acme-storage.ts';

/**
 * A folder. Files appear whole and are for the eyes of their owner only.
 *
 * A lock is a file `NAME.1` with the end of its lease; who finds that over, or given back, makes `NAME.2`, which only one can:
 * files are linked, which never replaces. The newest number counts and is never removed, so nobody can take an old one for
 * the present. Clocks of machines that share a folder may differ by less than the lease.
 */
export function folderStorage(directory: string, clock: Clock, kind: 'own' | 'shared'): AcmeStorage {
  const pathOf = (name: string): string => join(directory, name);
  const whole = async (text: string, put: (from: string) => Promise<void>): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const temporary = pathOf(`.${randomUUID()}.tmp`);
    try {
      await writeNew(temporary, text);
      await put(temporary);
    } finally {
      await rm(temporary, { force: true });
    }
  };
  const write = (name: string, text: string): Promise<void> =>
    whole(text, (from) => rename(from, pathOf(name)));
  const create = (name: string, text: string): Promise<boolean> => {
    let isOurs = true;
    const put = (from: string): Promise<void> =>
      link(from, pathOf(name)).catch((error: unknown) => {
        if (!hasCode(error, 'EEXIST')) throw error;
        isOurs = false;
      });
    return whole(text, put).then(() => isOurs);
  };
  const read = (name: string): Promise<string | null> =>
    readFile(pathOf(name), 'utf8').catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return null;
      throw error;
    });
  const numbersOf = async (name: string): Promise<number[]> => {
    const files = await readdir(directory).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    });
    const found = files
      .filter((file) => file.startsWith(`${name}.`))
      .map((file) => file.slice(name.length + 1));
    return found
      .filter((text) => /^\d{1,15}$/.test(text))
      .map(Number)
      .sort((a, b) => a - b);
  };

  return {
    isShared: kind === 'shared',
    read,
    write,
    create: async (name, text) => void (await create(name, text)),
    remove: (name) => rm(pathOf(name), { force: true }),
    async lock(name, leaseMs) {
      const before = await numbersOf(name);
      const last = before.at(-1) ?? 0;
      if (last > 0 && untilMsOf(await read(`${name}.${last}`)) > clock.epoch()) return null;
      const file = `${name}.${last + 1}`;
      const holder = randomUUID();
      const text = (untilMs: number): string => `${JSON.stringify({ holder, untilMs })}\n`;
      if (!(await create(file, text(clock.epoch() + leaseMs)))) return null;
      if (Math.max(...(await numbersOf(name))) !== last + 1) {
        // Somebody was two steps ahead of us.
        await rm(pathOf(file), { force: true });
        return null;
      }
      for (const number of before) await rm(pathOf(`${name}.${number}`), { force: true });
      return leaseOn(file, { clock, read, write, text, leaseMs });
    },
  };
}

interface Hold {
  readonly clock: Clock;
  readonly read: (name: string) => Promise<string | null>;
  readonly write: (name: string, text: string) => Promise<void>;
  readonly text: (untilMs: number) => string;
  readonly leaseMs: number;
}

/** A lease that has run out is somebody else's by now, even if nobody has come. */
function leaseOn(file: string, { clock, read, write, text, leaseMs }: Hold): Lease {
  const isHeld = async (): Promise<boolean> => untilMsOf(await read(file)) > clock.epoch();
  return {
    async renew() {
      if (!(await isHeld())) return false;
      await write(file, text(clock.epoch() + leaseMs));
      return true;
    },
    async release() {
      if (await isHeld()) await write(file, text(0));
    },
  };
}

/** When a lease ends; what cannot be read has ended. */
function untilMsOf(text: string | null): number {
  try {
    const { untilMs } = JSON.parse(text ?? '{}') as { readonly untilMs?: unknown };
    return typeof untilMs === 'number' ? untilMs : 0;
  } catch {
    return 0;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
