/** A moment or a span, as its message has it. */
export interface SecondsNanos {
  readonly seconds: number;
  readonly nanos: number;
}

const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;
const MAX_DURATION_SECONDS = 315_576_000_000;
const BILLION = 1_000_000_000;

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))$/;
const SPAN = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
/** No moment and no span is longer; nothing longer is matched against them. */
const MAX_CHARACTERS = 40;

/** A `Timestamp`: RFC 3339, of the years 0001 to 9999, with any offset. Null: it is none. */
export function timestampOf(text: string): SecondsNanos | null {
  const offset = text.length > MAX_CHARACTERS ? null : offsetSeconds(text);
  if (offset === null) return null;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)];
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)];
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!isDay || hour > 23 || minute > 59 || second > 59) return null;
  const seconds = dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) return null;
  return { seconds, nanos: nanosOf(fractionIn(text)) };
}

/** In RFC 3339 with `Z`; null: it is out of range. */
export function timestampText({ seconds, nanos }: SecondsNanos): string | null {
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos >= BILLION) return null;
  const days = Math.floor(seconds / 86_400);
  const ofDay = seconds - days * 86_400;
  const time = `${two((ofDay / 3600) | 0)}:${two(((ofDay / 60) | 0) % 60)}:${two(ofDay % 60)}`;
  return `${dayText(days)}T${time}${fractionText(nanos)}Z`;
}

/** How far a time in RFC 3339 is ahead of UTC; null: the text does not have its form. */
function offsetSeconds(text: string): number | null {
  const parts = RFC_3339.exec(text);
  if (parts === null) return null;
  const [, sign, hours = '0', minutes = '0'] = parts;
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return null;
  return (Number(hours) * 3600 + Number(minutes) * 60) * (sign === '-' ? -1 : 1);
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) value = value * 10 + text.charCodeAt(at) - 0x30;
  return value;
}

function fractionIn(text: string): string {
  if (text.charCodeAt(19) !== 0x2e) return '';
  let end = 20;
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++;
  return text.slice(20, end);
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Days of 400 years, and of the time from 0000-03-01 to 1970-01-01. Years begin in March here, so that leap days end them. */
const ERA_DAYS = 146_097;
const DAYS_TO_1970 = 719_468;

/** Days since 1970. A `Date` takes as long as all the rest of a message. */
function dayNumber(year: number, month: number, day: number): number {
  const years = month <= 2 ? year - 1 : year;
  const months = (month + 9) % 12;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + (((153 * months + 2) / 5) | 0) + day - 1 - DAYS_TO_1970;
}

/** The way back: `2026-01-31`. */
function dayText(days: number): string {
  const shifted = days + DAYS_TO_1970;
  const era = Math.floor(shifted / ERA_DAYS);
  const ofEra = shifted - era * ERA_DAYS;
  const yearOfEra =
    ((ofEra - ((ofEra / 1460) | 0) + ((ofEra / 36_524) | 0) - ((ofEra / 146_096) | 0)) / 365) | 0;
  const ofYear = ofEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0));
  const months = ((5 * ofYear + 2) / 153) | 0;
  const day = ofYear - (((153 * months + 2) / 5) | 0) + 1;
  const month = months < 10 ? months + 3 : months - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** A `Duration`: `1.5s`. Null: it is none, or longer than about ten thousand years. */
export function durationOf(text: string): SecondsNanos | null {
  const parts = text.length > MAX_CHARACTERS ? null : SPAN.exec(text);
  if (parts === null) return null;
  const [, sign, whole, fraction = ''] = parts;
  const seconds = Number(whole);
  if (seconds > MAX_DURATION_SECONDS || (seconds === MAX_DURATION_SECONDS && nanosOf(fraction) > 0))
    return null;
  const factor = sign === '-' ? -1 : 1;
  // No negative zero.
  return { seconds: seconds * factor + 0, nanos: nanosOf(fraction) * factor + 0 };
}

/** Null: it is out of range, or its two parts have different signs. */
export function durationText({ seconds, nanos }: SecondsNanos): string | null {
  const isTooLong = Math.abs(seconds) > MAX_DURATION_SECONDS || Math.abs(nanos) >= BILLION;
  if (isTooLong || (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) return null;
  const sign = seconds < 0 || nanos < 0 ? '-' : '';
  return `${sign}${Math.abs(seconds)}${fractionText(Math.abs(nanos))}s`;
}

function nanosOf(fraction: string): number {
  return Number(fraction.padEnd(9, '0'));
}

/** With 0, 3, 6 or 9 digits. */
function fractionText(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`;
  return digits.endsWith('000') ? `.${digits.slice(0, 6)}` : `.${digits}`;
}
