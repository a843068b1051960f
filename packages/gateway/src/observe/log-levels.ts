import type { LogComponent } from '@turnpike/config';
import type { LogEntry, LogLevel } from './process-log.ts';

/** The least that the program log has, and that parts of the program have where they differ. */
export interface LogLevels {
  readonly level: LogLevel;
  readonly components: Readonly<Partial<Record<LogComponent, LogLevel>>>;
}

/** The least important first. */
export const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Tells whether an entry is to be written. */
export function sieve({ level, components }: LogLevels): (entry: LogEntry) => boolean {
  const least = LEVELS.indexOf(level);
  const own = new Map<unknown, number>(
    Object.entries(components).map(([name, one]) => [name, LEVELS.indexOf(one)]),
  );
  return (entry) => {
    const { component }: { readonly component?: unknown } = entry.fields;
    return LEVELS.indexOf(entry.level) >= (own.get(component) ?? least);
  };
}
