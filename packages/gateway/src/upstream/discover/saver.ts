import type { Log } from '../../core/ports.ts';
import type { SourcePorts } from './endpoint-source.ts';
import { writeSavedJson } from './saved-json.ts';

/** Keeps the latest of something on disk. */
export interface Saver {
  /** Saves what `value` gives when it is its turn; returns at once. */
  save(value: () => unknown): void;
  /** Saves what waits, and resolves when it is on disk or cannot be. */
  close(): Promise<void>;
}

/**
 * Writes one after the other, at most once in two seconds, and always the latest. Nothing here is fatal: on a read-only disk
 * there is nothing to start from, and the log says so once.
 */
export function saver(
  path: string,
  { log, pause }: { readonly log: Log; readonly pause: SourcePorts['pause'] },
): Saver {
  const closing = new AbortController();
  let latest: (() => unknown) | null = null;
  let work: Promise<void> | null = null;
  let problem = '';

  const write = async (value: () => unknown): Promise<void> => {
    try {
      await writeSavedJson(path, value());
      problem = '';
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code !== problem) log.warn('what was discovered could not be saved', { path, problem: code });
      problem = code;
    }
  };
  const run = async (): Promise<void> => {
    while (latest !== null) {
      const value: () => unknown = latest;
      latest = null;
      await write(value);
      if (!closing.signal.aborted) await pause(PAUSE_MS, closing.signal).catch(() => {}); // it is closed: no more pauses
    }
    work = null;
  };
  return {
    save: (value) => {
      latest = value;
      work ??= run();
    },
    close: async () => {
      closing.abort();
      await work;
    },
  };
}

const PAUSE_MS = 2000;
