import type { TelemetryConfig } from '@turnpike/config';
import type { Clock } from '../core/ports.ts';
import { LogRotation } from '../observe/log-rotation.ts';
import type { LogLevel, ProcessLog } from '../observe/process-log.ts';

/** What the supervisor needs to look after logs. */
export interface LogDeskPorts {
  readonly log: ProcessLog;
  readonly clock: Clock;
  /** The threads that write access logs, and send what goes into the log of the program. */
  readonly threads: {
    reopenLogs(): Promise<boolean>;
    setLogLevel(level: LogLevel): void;
  };
}

/** What the supervisor does for logs: it rotates the files that all threads write to, and says how much of the program is told. */
export class LogDesk {
  readonly #ports: LogDeskPorts;
  readonly #rotation: LogRotation;
  #wished: LogLevel | null = null;
  #looking: NodeJS.Timeout | undefined;

  constructor(ports: LogDeskPorts) {
    const { log, clock, threads } = ports;
    this.#ports = ports;
    this.#rotation = new LogRotation({
      log,
      nowMs: () => clock.epoch(),
      reopen: () => threads.reopenLogs(),
    });
  }

  /** The least that the program log has at the moment. */
  get level(): LogLevel {
    return this.#ports.log.level;
  }

  /** Until it is set again, or a configuration with another level comes. */
  setLevel(level: LogLevel): void {
    const { log, threads } = this.#ports;
    if (level === log.level) return;
    log.info('the level of the program log changes', { from: log.level, to: level });
    log.setLevel(level);
    threads.setLogLevel(level);
  }

  /**
   * A configuration is in use. A level that was set on the admin API stays, unless the configuration has another than before:
   * a reload for something else must not end what somebody is looking for.
   */
  use({ accessLog, log: { level, format } }: TelemetryConfig): void {
    this.#ports.log.setFormat(format);
    if (level !== null && level !== this.#wished) this.setLevel(level);
    this.#wished = level;
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

const LOOK_INTERVAL_MS = 1000;
