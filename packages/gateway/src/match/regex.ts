/** No value longer than this is looked at by a user's expression. */
const MAX_INPUT_CHARACTERS = 2048;

/**
 * A test for a user's regular expression, unanchored unless it says `^` and `$`. Throws a SyntaxError for a malformed one.
 *
 * A longer value than 2,048 characters never matches. JavaScript's own engine backtracks, so an unlucky expression can still
 * be slow on a value below the cap: a linear-time engine (re2js) is to replace it, in this file alone.
 */
export function compileRegex(source: string): (value: string) => boolean {
  const expression = new RegExp(source);
  return (value) => value.length <= MAX_INPUT_CHARACTERS && expression.test(value);
}
