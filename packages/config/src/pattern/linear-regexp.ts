import { RE2JS } from '@bufbuild/re2';
import { PatternProblem, toLinearSyntax } from './ecma-syntax.ts';
import { isPlainPattern } from './plain-pattern.ts';

// The only file that knows the library behind patterns that users write.

/** Something that texts are compared with, in time linear to their length. */
export interface Matcher {
  test(text: string): boolean;
}

/** A regular expression in the syntax of RE2, which has no backtracking. Throws for what is none. */
export function compilePattern(pattern: string): Matcher {
  return RE2JS.compile(pattern);
}

/**
 * A regular expression in the syntax of ECMA-262 that takes linear time, whatever it is given. Throws a `PatternProblem` for
 * what is none, and for what cannot be had in linear time: references back to groups, looking ahead and behind.
 */
export function linearRegExp(pattern: string): Matcher {
  const plain = isPlainPattern(pattern) ? nativeRegExp(pattern) : null;
  if (plain !== null) return plain;
  const rewritten = toLinearSyntax(pattern);
  try {
    return RE2JS.compile(rewritten);
  } catch (error) {
    throw new PatternProblem(`cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** Null for what is an error in Unicode mode only, such as `\-`: it is meant as it stands. */
function nativeRegExp(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace('error parsing regexp: ', '') : '';
}
