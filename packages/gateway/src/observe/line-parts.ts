import type { ConnectionMemo, Exchange } from '../core/exchange.ts';
import { flattened } from '../core/latin1.ts';
import { readyBytes, type LineBytes } from './line-bytes.ts';
import type { TimeText } from './log-time.ts';
import type { OwnFieldsOf } from './own-fields.ts';

/**
 * No line is longer, in bytes: what a pipe takes in one piece (`PIPE_BUF`), so that the lines of several threads
 * never mix. The path gets what the other fields leave; their limits add up to less.
 */
export const MAX_LINE_BYTES = 4096;

/** The most that is written of what a client chooses. */
export const LENGTHS = {
  requestId: 128,
  method: 32,
  path: 2048,
  client: 64,
  host: 255,
  userAgent: 256,
  referrer: 512,
  name: 255,
  subject: 128,
} as const;

/** What the lines of a log are made with. */
export interface LineParts {
  readonly timeText: TimeText;
  /** Null: users add no fields. */
  readonly ownFieldsOf: OwnFieldsOf | null;
}

/**
 * One exchange as a line with its line feed, plain ASCII, whatever clients send.
 *
 * `endedAtMs` is on the monotonic clock. `sampleRate` is the share of such exchanges that is written, or 0 where all are
 * and nothing is said of it.
 */
export type WriteLine = (exchange: Exchange, endedAtMs: number, sampleRate: number) => string;

/** What a line says beside its exchange, as {@link WriteLine} takes it. */
export interface LineEnd {
  readonly endedAtMs: number;
  readonly sampleRate: number;
}

/** The same, written to where it belongs: {@link MAX_LINE_BYTES} at most, and room for twice as much is needed. */
export type WriteBytes = (line: LineBytes, exchange: Exchange, end: LineEnd) => void;

/** A form of lines, and how it writes what says who called: the same for most exchanges of a connection. */
export interface CallerForm {
  readonly name: 'json' | 'ecs' | 'combined';
  readonly write: (exchange: Exchange, userAgent: string) => string;
}

/** A part that depends on one text, which mostly is the same string as before. */
export function lastPart(write: (text: string) => string): (text: string) => Uint8Array {
  let last = '';
  let part = readyBytes(write(last));
  return (text) => {
    if (text !== last) part = readyBytes(write(text));
    last = text;
    return part;
  };
}

/** What a form writes of who called, kept with the connection. */
export function callerPart(exchange: Exchange, form: CallerForm): string {
  const { memo, host, client } = exchange;
  const userAgent = exchange.headers.get('user-agent') ?? '';
  const kept = memo.logged;
  if (kept !== null && isSame(kept, exchange, userAgent) && kept.form === form.name) {
    // The same object again is found to be equal at once.
    kept.userAgent = userAgent;
    return kept.text;
  }
  const text = flattened(form.write(exchange, userAgent));
  memo.logged = { form: form.name, host, userAgent, address: client.address, text };
  return text;
}

function isSame(
  kept: NonNullable<ConnectionMemo['logged']>,
  { host, client }: Exchange,
  userAgent: string,
): boolean {
  return kept.host === host && kept.userAgent === userAgent && kept.address === client.address;
}
