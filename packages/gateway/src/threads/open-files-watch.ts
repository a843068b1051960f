import type { Log } from '../core/ports.ts';
import { isUsedUp, openFiles, type OpenFiles } from '../observe/open-files.ts';

/** With this part of them free it is over. */
const FREE_AGAIN = 0.05;

/**
 * Gives a function that looks, about every second, whether file descriptors are used up, and tells the log once when they are
 * and once when it is over: the system does not tell of the connections that it refuses then.
 */
export function openFilesWatch(log: Log, read: () => OpenFiles | null = openFiles): () => void {
  let wasUsedUp = false;
  return () => {
    const use = read();
    if (use === null) return;
    if (!wasUsedUp && isUsedUp(use)) {
      wasUsedUp = true;
      log.error('file descriptors are used up, and new connections are refused', { ...use });
    } else if (wasUsedUp && use.open < use.limit * (1 - FREE_AGAIN)) {
      wasUsedUp = false;
      log.info('there are file descriptors again', { ...use });
    }
  };
}
