import type { LogComponent } from '@turnpike/config';
import type { LogLevels } from './log-levels.ts';
import type { LogLevel } from './process-log.ts';

/** A change of what the program log tells: what is left out stays; null takes the level of its own from a component. */
export interface LogChange {
  readonly level?: LogLevel;
  readonly components?: Readonly<Partial<Record<LogComponent, LogLevel | null>>>;
}

/** The levels after a change. */
export function changedLevels(levels: LogLevels, { level, components = {} }: LogChange): LogLevels {
  const all = Object.entries({ ...levels.components, ...components });
  const own = Object.fromEntries(all.filter(([, one]) => one !== null)) as LogLevels['components'];
  return { level: level ?? levels.level, components: own };
}
