/** A moment or a span, as its message has it. */
export interface SecondsNanos {
  readonly seconds: number;
  readonly nanos: number;
}

const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;
const MAX_DURATION_SECONDS = 315_576_000_000;
const BILLION = 1_000_000_000;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;
const SPAN = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
/** No moment and no span is longer; nothing longer is matched against them. */
const MAX_CHARACTERS = 40;

/** A `Timestamp`: RFC 3339, of the years 0001 to 9999, with any offset. Null: it is none. */
export function timestampOf(text: string): SecondsNanos | null {
  const parts = text.length > MAX_CHARACTERS ? null : RFC_3339.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offHours = '0', offMinutes = '0'] =
    parts;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (!isDay || !isTime || Number(offHours) > 23 || Number(offMinutes) > 59) return null;
  const offset = (Number(offHours) * 60 + Number(offMinutes)) * 60 * (sign === '-' ? -1 : 1);
  const ofDay = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const seconds = date.getTime() / 1000 + ofDay - offset;
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) return null;
  return { seconds, nanos: nanosOf(fraction) };
}

/** In RFC 3339 with `Z`; null: it is out of range. */
export function timestampText({ seconds, nanos }: SecondsNanos): string | null {
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos >= BILLION) return null;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fractionText(nanos)}Z`;
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
