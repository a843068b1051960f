import { parseDuration } from '@turnpike/config';
import { problem, type Reply } from './problems.ts';
import { integer, nullable, optional, textLike } from './schema.ts';

const DURATION = '^\\d{1,9}(\\.\\d{1,6})?(ms|s|m|h|d)$';

/** A length of time as in the configuration. */
export const durationOf = (what: string, example: string) => textLike(what, DURATION, example);

/** When something ends: at a time, or after one. */
export const EXPIRY = {
  expiresIn: optional(durationOf('It ends so long from now.', '90d')),
  expiresAt: optional(nullable(integer('It ends then, in milliseconds since 1970.'), 'Null: never.')),
};

interface Wanted {
  readonly expiresIn?: string;
  readonly expiresAt?: number | null;
}

/** When it ends; null: never; undefined: nothing was said. A reply refuses. */
export function expiryOf(
  { expiresIn, expiresAt }: Wanted,
  nowMs: number,
): { readonly at: number | null | undefined } | Reply {
  if (expiresIn !== undefined && expiresAt !== undefined)
    return invalid('/expiresIn', 'either expiresIn or expiresAt');
  if (expiresIn !== undefined) {
    const ms = millisecondsOf(expiresIn);
    return ms === null ? invalid('/expiresIn', TOO_LONG) : { at: nowMs + ms };
  }
  if (typeof expiresAt === 'number' && expiresAt <= nowMs)
    return invalid('/expiresAt', 'it must be in the future');
  return { at: expiresAt };
}

/** Milliseconds of a duration; null: there is no such length, or it is beyond ten years. */
export function millisecondsOf(duration: string): number | null {
  const read = parseDuration(duration);
  return read.ok && read.value <= TEN_YEARS_MS ? read.value : null;
}

const TEN_YEARS_MS = 3_653 * 86_400_000;

/** What is said of a duration that is none. */
export const TOO_LONG = 'a length of time such as 90d, at most ten years';

/** A refusal of one member. */
export function invalid(pointer: string, message: string): Reply {
  return problem('INVALID', { errors: [{ pointer, message }] });
}
