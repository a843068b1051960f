import { isatty } from 'node:tty';
import { pino } from 'pino';
import { plainFields } from './log-fields.ts';
import { sieve, type LogLevels } from './log-levels.ts';
import { coloured, plain, prettyLine } from './pretty-line.ts';

/** The program log. An `Error` among the fields is written with its stack and causes. Never throws, never waits. */
export interface Log {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** How much an entry matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One entry as plain data, so that it can be posted to another thread. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: object;
}

/** How the program log of the process is opened. */
export interface ProcessLogOptions {
  readonly level: LogLevel;
  /** Removes secrets from every message and every text field. */
  readonly redact?: (text: string) => string;
  /** File descriptor; stderr unless told otherwise, because stdout belongs to the access log. */
  readonly fd?: number;
}

/** How entries are written: as text on a terminal and as JSON elsewhere, or always in one way. */
export type LogFormat = 'auto' | 'json' | 'text';

/** The log of the supervisor, which writes for all threads. */
export interface ProcessLog extends Log {
  /** The least that is written. */
  readonly levels: LogLevels;
  setLevels(levels: LogLevels): void;
  setFormat(format: LogFormat): void;
  /** Writes an entry that a data thread sent. */
  write(entry: LogEntry): void;
  /** Resolves when everything is written, or after two seconds. To be awaited before the process ends. */
  flush(): Promise<void>;
}

/**
 * Opens the program log: lines for people on a terminal (colour unless `NO_COLOR` is set), JSON otherwise.
 *
 * Writes happen in the background; when more than 1 MiB waits, entries are dropped rather than memory filled.
 */
export function openProcessLog(options: ProcessLogOptions): ProcessLog {
  const { level, redact = unchanged, fd = 2 } = options;
  // minLength 1, because with 0 its flush() does not wait
  const destination = pino.destination({ dest: fd, sync: false, minLength: 1, maxLength: MAX_WAITING_BYTES });
  destination.on('error', ignore); // there is nowhere left to report that the log cannot be written
  const paint = process.env['NO_COLOR'] ? plain : coloured;
  const isTerminal = isatty(fd);
  let isText = isTerminal;
  const stream = {
    write: (json: string) => destination.write(isText ? prettyLine(json, isTerminal ? paint : plain) : json),
  };
  let levels: LogLevels = { level, components: {} };
  let isTold = sieve(levels);
  const logger = pino(
    {
      level: 'debug', // what is written is decided below
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  const write = (entry: LogEntry): void => {
    if (isTold(entry)) logger[entry.level](plainFields(entry.fields, redact), redact(entry.message));
  };

  return {
    ...logOver(write),
    get levels() {
      return levels;
    },
    setLevels(next) {
      levels = next;
      isTold = sieve(next);
    },
    setFormat(format) {
      isText = format === 'auto' ? isTerminal : format === 'text';
    },
    write,
    flush: () =>
      new Promise((resolve) => {
        const giveUp = setTimeout(resolve, FLUSH_GRACE_MS);
        destination.flush(() => {
          clearTimeout(giveUp);
          resolve();
        });
      }),
  };
}

/** The log of a data thread. */
export interface ThreadLog extends Log {
  setLevels(levels: LogLevels): void;
}

/** The log of a data thread: what these levels let through goes to `send`, which posts it to the supervisor. */
export function logThrough(send: (entry: LogEntry) => void, levels: LogLevels = EVERYTHING): ThreadLog {
  let isTold = sieve(levels);
  const log = logOver((entry) => {
    if (isTold(entry)) send({ ...entry, fields: plainFields(entry.fields, unchanged) });
  });
  return { ...log, setLevels: (next) => (isTold = sieve(next)) };
}

function logOver(write: (entry: LogEntry) => void): Log {
  return {
    debug: (message, fields = {}) => write({ level: 'debug', message, fields }),
    info: (message, fields = {}) => write({ level: 'info', message, fields }),
    warn: (message, fields = {}) => write({ level: 'warn', message, fields }),
    error: (message, fields = {}) => write({ level: 'error', message, fields }),
  };
}

function unchanged(text: string): string {
  return text;
}

function ignore(): void {}

const EVERYTHING: LogLevels = { level: 'debug', components: {} };
const MAX_WAITING_BYTES = 1024 * 1024;
const FLUSH_GRACE_MS = 2000;
