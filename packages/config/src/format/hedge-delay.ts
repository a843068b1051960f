import type { HedgeConfig } from '../resolved.ts';
import { parseDuration } from './duration.ts';
import { type Parsed, refused, understood } from './parsed.ts';

const LONGEST_MS = 60_000;

/** When a second attempt begins: `p95` of what requests took lately, or `200ms`. */
export function parseHedgeDelay(text: string): Parsed<HedgeConfig['after']> {
  const [, digits] = /^p(\d{1,2}(?:\.\d{1,3})?)$/.exec(text) ?? [];
  if (digits !== undefined) {
    const percentile = Number(digits);
    if (percentile < 50) return refused('would double half of the requests or more', 'p95');
    return understood({ kind: 'percentile', percentile });
  }
  const time = parseDuration(text);
  if (!time.ok) return refused('is neither a percentile nor a duration');
  if (time.value < 1 || time.value > LONGEST_MS) return refused('is not between 1ms and 1m');
  return understood({ kind: 'time', ms: time.value });
}
