import { isDeepStrictEqual } from 'node:util';
import { LOG_COMPONENTS, type LogComponent, type TelemetryConfig } from '@turnpike/config';
import { logOf } from '../core/log-component.ts';
import type { Clock } from '../core/ports.ts';
import { changedLevels, type LogChange } from '../observe/log-change.ts';
import type { LogLevels } from '../observe/log-levels.ts';
import { LogRotation } from '../observe/log-rotation.ts';
import type { ProcessLog } from '../observe/process-log.ts';

/** What the supervisor needs to look after logs. */
export interface LogDeskPorts {
  readonly log: ProcessLog;
  readonly clock: Clock;
  /** The threads that write access logs, and send what goes into the log of the program. */
  readonly threads: {
    reopenLogs(): Promise<boolean>;
    setLogLevels(levels: LogLevels): void;
  };
}

/** What the program log tells at the moment, with the names of all components; null: as all the others. */
export interface ShownLevels {
  readonly level: LogLevels['level'];
  readonly components: Readonly<Record<LogComponent, LogLevels['level'] | null>>;
}

/** What the supervisor does for logs: it rotates the files that all threads write to, and says how much of the program is told. */
export class LogDesk {
  readonly #ports: LogDeskPorts;
  readonly #rotation: LogRotation;
  #wished: Pick<TelemetryConfig['log'], 'level' | 'components'> = { level: null, components: {} };
  #looking: NodeJS.Timeout | undefined;

  constructor(ports: LogDeskPorts) {
    const { log, clock, threads } = ports;
    this.#ports = ports;
    this.#rotation = new LogRotation({
      log: logOf(log, 'telemetry'),
      nowMs: () => clock.epoch(),
      reopen: () => threads.reopenLogs(),
    });
  }

  /** What the program log tells at the moment. */
  get levels(): ShownLevels {
    const { level, components } = this.#ports.log.levels;
    return { level, components: { ...NO_LEVELS, ...components } };
  }

  /** Until it is changed again, or a configuration with other levels comes. */
  change(change: LogChange): void {
    const { log, threads } = this.#ports;
    const from = log.levels;
    const to = changedLevels(from, change);
    if (isDeepStrictEqual(from, to)) return;
    log.info('the level of the program log changes', { from, to });
    log.setLevels(to);
    threads.setLogLevels(to);
  }

  /**
   * A configuration is in use. What was set on the admin API stays, unless the configuration says something else than before:
   * a reload for something else must not end what somebody is looking for.
   */
  use({ accessLog, log: { level, components, format } }: TelemetryConfig): void {
    this.#ports.log.setFormat(format);
    const before = this.#wished;
    this.#wished = { level, components };
    this.change({
      ...(level !== null && level !== before.level && { level }),
      ...(!isDeepStrictEqual(components, before.components) && {
        components: { ...NO_LEVELS, ...components },
      }),
    });
    this.#rotation.use(
      accessLog.flatMap(({ to, rotate }) =>
        to.kind === 'file' && rotate !== null ? [{ path: to.path, ...rotate }] : [],
      ),
    );
    this.#looking ??= setInterval(() => void this.#rotation.look(), LOOK_INTERVAL_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    await this.#rotation.idle();
  }
}

/** No component has a level of its own. */
const NO_LEVELS = Object.fromEntries(Object.keys(LOG_COMPONENTS).map((name) => [name, null])) as Readonly<
  Record<LogComponent, null>
>;
const LOOK_INTERVAL_MS = 1000;
