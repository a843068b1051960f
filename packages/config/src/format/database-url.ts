import { type Parsed, refused, understood } from './parsed.ts';

/**
 * Where the admin API keeps what it is given: `sqlite:PATH`, or `postgres://user:password@host:port/database`. It may hold a
 * password, so nothing is said of the text but what is wrong with its form.
 */
export function parseDatabaseUrl(text: string): Parsed<string> {
  if (text.startsWith('sqlite:'))
    return text.length > 'sqlite:'.length ? understood(text) : refused('names no file');
  if (!/^postgres(ql)?:\/\//.test(text)) return refused('is neither sqlite: nor postgres://');
  if (/[^\x21-\x7e]/.test(text)) return refused('has a space or a character that must be percent-encoded');
  return URL.canParse(text) ? understood(text) : refused('is not a URL');
}
