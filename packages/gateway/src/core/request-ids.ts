import { randomBytes } from 'node:crypto';

const DIGITS = 8;

/** Gives ids that no other thread or process gives: a random part for the thread, and a counter. */
export function requestIds(): () => string {
  const prefix = `${randomBytes(8).toString('hex')}-`;
  let count = 0;
  return () => prefix + (++count).toString(36).padStart(DIGITS, '0');
}
