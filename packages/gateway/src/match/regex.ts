import { linearRegExp } from '@turnpike/config/pattern';

/** No value longer than this is looked at by a user's expression. */
const MAX_INPUT_CHARACTERS = 2048;

/**
 * A test for a user's regular expression, unanchored unless it says `^` and `$`. Throws a `PatternProblem` for what is none.
 *
 * It takes linear time whatever a client sends, and a longer value than 2,048 characters never matches.
 */
export function compileRegex(source: string): (value: string) => boolean {
  const expression = linearRegExp(source);
  return (value) => value.length <= MAX_INPUT_CHARACTERS && expression.test(value);
}
