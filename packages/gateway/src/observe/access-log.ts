import type { Exchange } from '../core/exchange.ts';
import { jsonBytes } from './access-log-line.ts';
import { commonLines } from './common-line.ts';
import { ecsLines } from './ecs-line.ts';
import type { LineParts, WriteBytes, WriteLine } from './line-parts.ts';
import { LineWriter, type LossListener } from './line-writer.ts';
import { openDestination, type LogTarget } from './log-destination.ts';
import { timeTexts } from './log-time.ts';
import type { OwnFieldsOf } from './own-fields.ts';
import type { Sample } from './sampling.ts';

/** The form of a line. */
export type LineForm = 'json' | 'ecs' | 'common' | 'combined';

/** Where the access log goes, what it says, and who hears of what is lost. */
export interface AccessLogOptions {
  /** `stdout`, `stderr`, or the path of a file or FIFO. Several threads may write to the same. */
  readonly to: LogTarget;
  /** JSON of our own unless told otherwise. */
  readonly form?: LineForm;
  /** Fields that users add. */
  readonly ownFieldsOf?: OwnFieldsOf | null;
  /** Which exchanges are written; all unless told otherwise. */
  readonly sample?: Sample | null;
  /** Told at most four times a second how many lines were dropped since the last call, and why. */
  readonly whenDropped?: LossListener['whenDropped'];
  /** Told once when the destination begins to fail. */
  readonly whenFailing?: LossListener['whenFailing'];
}

/** One line per exchange, of one thread. Never blocks and never throws after it is open. */
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
  const { to, form = 'json', ownFieldsOf = null, sample = null } = options;
  const { whenDropped = ignore, whenFailing = ignore } = options;
  const writer = new LineWriter(() => openDestination(to), { whenDropped, whenFailing });
  const writeLine = linesOf(form, { timeText: timeTexts(wallOffsetMs), ownFieldsOf });

  return {
    record(exchange, endedAtMs) {
      const sampleRate = sample === null ? 0 : sample(exchange, endedAtMs - exchange.startedAtMs);
      if (sample !== null && sampleRate === 0) return;
      const line = writer.begin();
      if (line === null) return;
      writeLine(line, exchange, { endedAtMs, sampleRate });
      writer.end();
    },
    get dropped() {
      return writer.dropped;
    },
    async reopen() {
      if (to !== 'stdout' && to !== 'stderr') await writer.reopen();
    },
    close: () => writer.close(CLOSE_GRACE_MS),
  };
}

function linesOf(form: LineForm, parts: LineParts): WriteBytes {
  switch (form) {
    case 'json':
      return jsonBytes(parts);
    case 'ecs':
      return fromTexts(ecsLines(parts));
    case 'common':
    case 'combined':
      return fromTexts(commonLines(parts, form));
    default:
      return form satisfies never;
  }
}

function fromTexts(write: WriteLine): WriteBytes {
  return (line, exchange, { endedAtMs, sampleRate }) => line.text(write(exchange, endedAtMs, sampleRate));
}

function wallOffsetMs(): number {
  return Date.now() - performance.timeOrigin - performance.now();
}

const CLOSE_GRACE_MS = 2000;

function ignore(): void {}
