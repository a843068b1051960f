import type { Headers } from '../../../core/headers.ts';
import { deltaSeconds } from './directives.ts';
import { parseHttpDate } from './http-date.ts';

/** When a service was asked and when its head came, in milliseconds since 1970. */
export interface Timing {
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

/**
 * `Age` in seconds, or null if there is none that makes sense. Of a list the first counts; what is no whole number is as if it
 * were not there (RFC 9111 §5.1).
 */
export function ageSecondsOf(headers: Headers): number | null {
  const text = headers.get('age');
  if (text === undefined) return null;
  const comma = text.indexOf(',');
  return deltaSeconds((comma === -1 ? text : text.slice(0, comma)).trim());
}

/** When the service made the response, by its `Date`, or when it came, for one without (RFC 9110 §6.6.1). */
export function dateMsOf(headers: Headers, { answeredAtMs }: Timing): number {
  const text = headers.get('date');
  const dateMs = text === undefined ? null : parseHttpDate(text, answeredAtMs);
  return dateMs ?? wholeSecond(answeredAtMs);
}

/**
 * When the response was of age 0, so that it is `now - bornAtMs` old at any time. By what it says itself (`Age`, and the time that it
 * took to come) or by its `Date`, whichever makes it older (RFC 9111 §4.2.3).
 */
export function bornAtMsOf(headers: Headers, timing: Timing): number {
  const { askedAtMs, answeredAtMs } = timing;
  // `Date` has whole seconds: what was made in this one is not old.
  const apparentMs = Math.max(0, wholeSecond(answeredAtMs) - dateMsOf(headers, timing));
  const delayMs = Math.max(0, answeredAtMs - askedAtMs);
  const correctedMs = (ageSecondsOf(headers) ?? 0) * 1000 + delayMs;
  return answeredAtMs - Math.max(apparentMs, correctedMs);
}

/** What to write in `Age`: whole seconds, never negative, though clocks may be set back (RFC 9111 §5.1). */
export function ageField(bornAtMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - bornAtMs) / 1000));
}

function wholeSecond(timeMs: number): number {
  return timeMs - (timeMs % 1000);
}
