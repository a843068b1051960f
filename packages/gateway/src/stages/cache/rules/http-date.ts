const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;

/** The form that everybody has to write, and two old ones that everybody has to read (RFC 9110 §5.6.7). */
const FORMS = [
  String.raw`${DAY}, (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${TIME} GMT`,
  String.raw`${LONG_DAY}, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT`,
  String.raw`${DAY} ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`, 'i'));

/** Longer than the longest, which has a Wednesday. */
const MOST_TEXT = 40;
const CENTURY = 100;
/** A year of two digits that seems to be further away is of the century before (RFC 9110 §5.6.7). */
const MOST_YEARS_AHEAD = 50;

/**
 * An HTTP date as milliseconds since 1970, or null for everything else: no other zone, no other spacing. Upper and lower case are
 * the same, and the name of the day is not compared with the date.
 */
export function parseHttpDate(text: string, nowMs: number): number | null {
  if (text.length > MOST_TEXT) return null;
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts !== undefined) return timeOf(parts, nowMs);
  }
  return null;
}

function timeOf(parts: Readonly<Record<string, string>>, nowMs: number): number | null {
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = parts;
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const date = new Date(0);
  date.setUTCFullYear(fullYear(year, nowMs), monthIndex, Number(day));
  // 60 is a leap second; it is the first of the next minute.
  if (date.getUTCMonth() !== monthIndex || Number(day) === 0) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  return date.setUTCHours(Number(hour), Number(minute), Number(second));
}

function fullYear(year: string, nowMs: number): number {
  if (year.length === 4) return Number(year);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const candidate = thisYear - (thisYear % CENTURY) + Number(year);
  return candidate > thisYear + MOST_YEARS_AHEAD ? candidate - CENTURY : candidate;
}
