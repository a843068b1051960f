import { randomBytes } from 'node:crypto';
import { flattened } from './latin1.ts';

const HIGH_DIGITS = 6;
const BASE = 36;

/** The last two digits. */
const LOW: readonly string[] = Array.from({ length: BASE * BASE }, (_, i) =>
  i.toString(BASE).padStart(2, '0'),
);

/**
 * Gives ids that no other thread or process gives: a random part for the thread, and a counter, of which all but the last two
 * digits are made once for many.
 */
export function requestIds(): () => string {
  const prefix = `${randomBytes(8).toString('hex')}-`;
  let high = -1;
  let low = LOW.length;
  let text = '';
  return () => {
    if (low === LOW.length) {
      low = 0;
      text = flattened(prefix + (++high).toString(BASE).padStart(HIGH_DIGITS, '0'));
    }
    return text + LOW[low++];
  };
}
