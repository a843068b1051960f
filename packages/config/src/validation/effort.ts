import { isObject } from './json.ts';

/** That a check may take for any value. */
const BASE = 50_000;
/** For each value in it: a schema may well look at the same one several times, as one alternative and as another. */
const EACH = 8;

/**
 * How much work a check has done. Schemas whose alternatives lead back to themselves can make a value of fifty bytes cost
 * years, because each level of nesting doubles the work; others take as many steps as there are values.
 */
export class Effort {
  #steps = 0;
  #most = BASE;
  #isCounted = false;
  #value: unknown = null;

  /** A check of this value begins. */
  begin(value: unknown): void {
    this.#steps = 0;
    this.#most = BASE;
    this.#isCounted = false;
    this.#value = value;
  }

  /** One more step; whether it is one too many. Values are counted only for who needs it. */
  isTooMuch(): boolean {
    if (++this.#steps <= this.#most) return false;
    if (this.#isCounted) return true;
    this.#isCounted = true;
    this.#most = BASE + EACH * countOf(this.#value);
    return this.#steps > this.#most;
  }
}

/** Values in a value, itself included. They are not nested deeply: what was parsed has a bound. */
function countOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item: unknown) => sum + countOf(item), 1);
  if (!isObject(value)) return 1;
  return Object.values(value).reduce((sum: number, member: unknown) => sum + countOf(member), 1);
}
