import type { Log } from '../core/ports.ts';
import { isFromPlugin, withoutAddresses } from './module-hooks.ts';

let isWatching = false;

/**
 * Keeps the thread alive when a plugin leaves a promise alone that rejects, or throws in a timer of its own. Our own faults end
 * the thread as ever: another takes its place.
 *
 * Whose a rejection is cannot always be said, and it has interrupted nothing; an exception is a plugin's if its stack says so.
 */
export function surviveStrayFaults(log: Log): void {
  if (isWatching) return;
  isWatching = true;
  process.on('unhandledRejection', (error) =>
    log.error('a promise was rejected that nobody waits for; most likely that of a plugin', told(error)),
  );
  process.on('uncaughtException', (error) => {
    if (!isFromPlugin(error)) throw error;
    log.error('a plugin has thrown outside of any request', told(error));
  });
}

function told(error: unknown): object {
  if (!(error instanceof Error)) return { error };
  const [, at] = /\n\s+at (.*\?turnpike=.*)/.exec(error.stack ?? '') ?? [];
  return { error, ...(at !== undefined && { at: withoutAddresses(at) }) };
}
