import type { LogComponent } from '@turnpike/config';
import type { Log } from './ports.ts';

/** The log of a part of the program: its entries name it, and it may have a level of its own. The innermost name counts. */
export function logOf(log: Log, component: LogComponent): Log {
  return {
    debug: (message, fields) => log.debug(message, { component, ...fields }),
    info: (message, fields) => log.info(message, { component, ...fields }),
    warn: (message, fields) => log.warn(message, { component, ...fields }),
    error: (message, fields) => log.error(message, { component, ...fields }),
  };
}
