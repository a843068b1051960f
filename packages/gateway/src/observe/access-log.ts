import type { Exchange } from '../core/exchange.ts';
import { accessLogLine, timeTexts } from './access-log-line.ts';
import { LineWriter } from './line-writer.ts';
import { openDestination, type LogTarget } from './log-destination.ts';

/** Where the access log goes, and who hears of what is lost. */
export interface AccessLogOptions {
  /** `stdout`, `stderr`, or the path of a file or FIFO. Several threads may write to the same. */
  readonly to: LogTarget;
  /** Told at most four times a second how many lines were dropped since the last call. */
  readonly whenDropped?: (lines: number) => void;
}

/** One line of JSON per exchange, of one thread. Never blocks and never throws after it is open. */
export interface AccessLog {
  /** Writes the line of an exchange that is over. `endedAtMs` is on the monotonic clock (`performance.now()`). */
  record(exchange: Exchange, endedAtMs: number): void;
  /** Lines lost so far because the destination was too slow or failed. */
  readonly dropped: number;
  /** Opens the path again after log rotation; keeps the old file and rejects if that fails. A standard stream stays. */
  reopen(): Promise<void>;
  /** Writes what is left and closes; gives up on a destination that takes nothing for two seconds. */
  close(): Promise<void>;
}

/** Opens the access log of this thread; throws what the operating system says when it cannot be opened. */
export function openAccessLog(options: AccessLogOptions): AccessLog {
  const writer = new LineWriter(() => openDestination(options.to), options.whenDropped ?? ignore);
  const timeText = timeTexts(() => Date.now() - performance.timeOrigin - performance.now());

  return {
    record(exchange, endedAtMs) {
      writer.append(accessLogLine(exchange, endedAtMs, timeText));
    },
    get dropped() {
      return writer.dropped;
    },
    async reopen() {
      if (options.to !== 'stdout' && options.to !== 'stderr') await writer.reopen();
    },
    close: () => writer.close(CLOSE_GRACE_MS),
  };
}

const CLOSE_GRACE_MS = 2000;

function ignore(): void {}
