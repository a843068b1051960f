const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** A number that can be read at a glance. */
export function count(value: number): string {
  if (Math.abs(value) >= 10_000) return compact.format(value);
  return Math.abs(value) < 10 ? one.format(value) : whole.format(value);
}

/** A share such as 0.0213 as `2.1%`. */
export function share(value: number): string {
  if (value > 0 && value < 0.001) return '<0.1%';
  return `${one.format(value * 100)}%`;
}

/** Milliseconds with the unit that fits. */
export function millis(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0 ms';
  if (value < 1) return `${Math.round(value * 1000)} µs`;
  if (value < 10) return `${one.format(value)} ms`;
  if (value < 1000) return `${whole.format(value)} ms`;
  return `${one.format(value / 1000)} s`;
}

/** Bytes with the unit that fits. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${one.format(value / 1024 ** step)} ${units[step]}`;
}

/** Seconds as people say them: `3 m 20 s`. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const [days, hours, minutes] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
  ];
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'm'],
    [total % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return first < 0 ? '0 s' : shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}

const STEPS = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [86_400 * 30, 'day', 86_400],
  [86_400 * 365, 'month', 86_400 * 30],
] as const;

/** `3 min. ago`. */
export function ago(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 5) return 'now';
  const [, unit, step] = STEPS.find(([below]) => size < below) ?? [0, 'year', 86_400 * 365];
  return relative.format(Math.round(seconds / step), unit);
}

/** The whole of it, for who looks closer. */
export function moment(at: number): string {
  return absolute.format(at);
}

/** Milliseconds since 1970, from what the API gives; NaN of what is no time. */
export function epochOf(time: number | string): number {
  return typeof time === 'number' ? time : Date.parse(time);
}

/** `1 route`, `3 routes`. */
export function plural(many: number, word: string, words = `${word}s`): string {
  return `${whole.format(many)} ${many === 1 ? word : words}`;
}

/** As fields of the browser for date and time have it: the clock on the wall, to the minute. */
export function localTime(at: number): string {
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
