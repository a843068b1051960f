import type { ValueMatch } from '../resolved.ts';
import { type Parsed, refused, understood } from './parsed.ts';

const MAX_REGEX_LENGTH = 256;

/**
 * What a header or query value must be: exact text, `/regex/`, or `*` for any value.
 *
 * A regular expression is bounded in length here, and must compile; that a hostile value cannot make it
 * backtrack for long is the business of the matcher, which is to run it on an engine of linear time.
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
    RegExp(source, 'u');
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /s, '') : 'malformed';
    return refused(`is not a valid regular expression (${reason})`);
  }
  return understood({ kind: 'regex', value: source });
}
