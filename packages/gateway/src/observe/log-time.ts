/** Milliseconds of the monotonic clock to the text of the wall clock. */
export type TimeText = (monotonicMs: number) => string;

/**
 * RFC 3339 in UTC with milliseconds; the text up to the second is made once a second, and the whole is the same string for
 * everything of one millisecond.
 *
 * `offsetMs` gives what is to be added to the monotonic clock for the wall clock; it is asked once a second, so that a
 * clock that is set shows.
 */
export function timeTexts(offsetMs: () => number): TimeText {
  let validFromMs = Infinity;
  let prefix = '';
  let lastMs = -1;
  let last = '';

  return (monotonicMs) => {
    const sinceMs = monotonicMs - validFromMs;
    if (sinceMs >= 0 && sinceMs < 1000) {
      const wholeMs = Math.floor(sinceMs);
      if (wholeMs === lastMs) return last;
      lastMs = wholeMs;
      last = prefix + THREE_DIGITS[wholeMs] + 'Z';
      return last;
    }
    const wallMs = Math.floor(monotonicMs + offsetMs());
    validFromMs = monotonicMs - (wallMs % 1000);
    last = new Date(wallMs).toISOString();
    lastMs = wallMs % 1000;
    prefix = last.slice(0, -4);
    return last;
  };
}

/** What {@link timeTexts} gives, as httpd writes it: `23/Nov/2026:13:06:04 +0000`. */
export function httpdTimes(timeText: TimeText): TimeText {
  let second = '';
  let text = '';
  return (monotonicMs) => {
    const time = timeText(monotonicMs);
    const now = time.slice(0, 19);
    if (now === second) return text;
    second = now;
    const month = MONTHS[Number(now.slice(5, 7)) - 1];
    text = `${now.slice(8, 10)}/${month}/${now.slice(0, 4)}:${now.slice(11)} +0000`;
    return text;
  };
}

/** With three decimals; 24 days at most, so that the numbers stay small integers. `toFixed` costs ten times as much. */
export function milliseconds(ms: number): string {
  const microseconds = ms > 0 ? Math.round(Math.min(ms, MAX_MS) * 1000) : 0;
  const whole = (microseconds / 1000) | 0;
  return (WHOLE[whole] ?? whole + '.') + THREE_DIGITS[(microseconds - whole * 1000) | 0];
}

/** The same as a whole number of nanoseconds, of which the last three digits say nothing. */
export function nanoseconds(ms: number): string {
  return ms > 0 ? Math.round(Math.min(ms, MAX_MS) * 1000) + '000' : '0';
}

const THREE_DIGITS: readonly string[] = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));
/** Numbers with a decimal point. */
const WHOLE: readonly string[] = Array.from({ length: 1000 }, (_, i) => `${i}.`);
const MAX_MS = 2 ** 31 - 1;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
