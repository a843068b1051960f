import type { ValueMatch } from '../resolved.ts';
import { linearRegExp } from '../pattern/linear-regexp.ts';
import { type Parsed, refused, understood } from './parsed.ts';

const MAX_REGEX_LENGTH = 256;

/**
 * What a header or query value must be: exact text, `/regex/`, or `*` for any value.
 *
 * A regular expression is bounded in length here, and must be one that takes linear time, because values come from clients.
 */
export function parseValueMatch(text: string): Parsed<Omit<ValueMatch, 'name'>> {
  if (text === '*') return understood({ kind: 'present', value: '' });
  if (text.length < 2 || !text.startsWith('/') || !text.endsWith('/')) {
    return /[\r\n\0]/.test(text)
      ? refused('has a line break in it')
      : understood({ kind: 'exact', value: text });
  }
  const source = text.slice(1, -1);
  if (source === '') return refused('is an empty regular expression; use * for any value', '*');
  if (source.length > MAX_REGEX_LENGTH)
    return refused(`is a regular expression longer than ${MAX_REGEX_LENGTH}`);
  try {
    linearRegExp(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'is malformed';
    return refused(`is not a regular expression that can be used: it ${reason}`);
  }
  return understood({ kind: 'regex', value: source });
}
