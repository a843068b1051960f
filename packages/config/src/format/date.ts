import { type Parsed, refused, understood } from './parsed.ts';

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?$/;

/** A moment (RFC 3339) in milliseconds since 1970. A date alone is its first moment, in UTC. */
export function parseDate(text: string): Parsed<number> {
  const [, , month, day] = DATE.exec(text) ?? [];
  if (day === undefined) {
    return /^\d{4}-\d{2}-\d{2}[T ]/i.test(text)
      ? refused('has a malformed time, or no time zone such as Z')
      : refused('is not a date');
  }
  const ms = Date.parse(text.toUpperCase());
  const ownDay = new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`));
  const isReal = ownDay.getUTCDate() === Number(day) && ownDay.getUTCMonth() + 1 === Number(month);
  return isReal && !Number.isNaN(ms) ? understood(ms) : refused('is a day or time that does not exist');
}
