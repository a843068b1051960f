import { randomFillSync } from 'node:crypto';
import { latin1 } from './latin1.ts';
import { RANDOM, traceParent } from './trace-context.ts';

/** Ids of traces and spans, in hexadecimal digits; never all zero. */
export interface TraceIds {
  /** A trace that begins, and a span of it, as the line of a message that tells of both. */
  line(flags: number): string;
  /** The same with another span. */
  nextLine(line: string, flags: number): string;
  /** 16 digits. */
  span(): string;
}

/** The line of a message that tells a service of its parent. */
export function parentLine(traceId: string, spanId: string, flags: number): string {
  return `${NAME}${traceParent(traceId, spanId, flags)}\r\n`;
}

/** The trace that such a line tells of. */
export function traceOf(line: string): string {
  return line.slice(TRACE_AT, TRACE_END);
}

/** The span that such a line tells of. */
export function spanOf(line: string): string {
  return line.slice(SPAN_AT, SPAN_END);
}

/**
 * Random ids. They are cut from a text of many, because asking for each costs a microsecond; whole lines of it, because most
 * traces are not sampled, and nothing else of them is ever looked at.
 */
export function traceIds(): TraceIds {
  const bytes = Buffer.allocUnsafeSlow(RANDOM_BYTES);
  let used = RANDOM_BYTES;
  const lines = Buffer.from(parentLine(NO_TRACE, NO_SPAN, RANDOM).repeat(LINES), 'latin1');
  let text = '';
  let at = 0;

  function fill(): void {
    if (used === RANDOM_BYTES) {
      randomFillSync(bytes);
      used = 0;
    }
    for (let line = 0; line < LINES; line++) {
      const [from, at] = [used, line * LINE_LENGTH];
      used += ID_BYTES;
      writeDigits({ bytes, from, to: from + TRACE_BYTES }, lines, at + TRACE_AT);
      writeDigits({ bytes, from: from + TRACE_BYTES, to: from + ID_BYTES }, lines, at + SPAN_AT);
    }
    text = latin1(lines, 0, lines.length);
    at = 0;
  }

  function take(): string {
    if (at === text.length) fill();
    const line = text.slice(at, at + LINE_LENGTH);
    at += LINE_LENGTH;
    return line;
  }

  return {
    line(flags) {
      const line = take();
      return flags === RANDOM ? line : parentLine(traceOf(line), spanOf(line), flags);
    },
    nextLine: (line, flags) => parentLine(traceOf(line), spanOf(take()), flags),
    span: () => spanOf(take()),
  };
}

/** No id is zero: once in 2⁶⁴ times it becomes another. */
function writeDigits({ bytes, from, to }: Id, into: Buffer, at: number): void {
  let [pos, seen] = [at, 0];
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    seen |= byte;
    into[pos++] = DIGITS[byte >> 4] ?? 0;
    into[pos++] = DIGITS[byte & 15] ?? 0;
  }
  if (seen === 0) into[at] = DIGITS[1] ?? 0;
}

interface Id {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
const NO_SPAN = '0'.repeat(16);
const NO_TRACE = '0'.repeat(32);
const NAME = 'traceparent: ';
const TRACE_AT = NAME.length + '00-'.length;
const TRACE_END = TRACE_AT + NO_TRACE.length;
const SPAN_AT = TRACE_END + '-'.length;
const SPAN_END = SPAN_AT + NO_SPAN.length;
const LINE_LENGTH = SPAN_END + '-00\r\n'.length;
const TRACE_BYTES = 16;
const ID_BYTES = TRACE_BYTES + 8;
/** Not more at once: whoever keeps an id for long keeps the text that it was cut from. */
const LINES = 32;
/** Enough of them that asking costs little, and not so many that somebody has to wait for it. */
const RANDOM_BYTES = 16 * LINES * ID_BYTES;
