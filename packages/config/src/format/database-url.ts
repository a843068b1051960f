import { type Parsed, refused, understood } from './parsed.ts';

/**
 * Where the control plane keeps what it is told: `sqlite:` and a file, or `postgres://user:password@host:port/database`. It may
 * hold a password, so nothing is said of the text but what is wrong with its form.
 */
export function parseDatabaseUrl(text: string): Parsed<string> {
  const [, scheme, rest = ''] = /^([a-zA-Z][\w+.-]*):(.*)$/s.exec(text) ?? [];
  if (scheme === 'sqlite') return parseFile(text, rest);
  if (scheme === 'postgres' || scheme === 'postgresql') return parseServer(text);
  return refused(scheme === undefined ? 'has no scheme' : 'is neither sqlite: nor postgres://');
}

function parseFile(text: string, path: string): Parsed<string> {
  if (path === '') return refused('names no file');
  if (path === ':memory:') return refused('would keep nothing; name a file');
  if (path.startsWith('//')) return refused('has slashes for a host; write sqlite: and the path of the file');
  return /[?#\0]/.test(path)
    ? refused('has a character that the path of a database may not have')
    : understood(text);
}

function parseServer(text: string): Parsed<string> {
  if (/[^\x21-\x7e]/.test(text)) return refused('has a space or a character that must be percent-encoded');
  if (!URL.canParse(text)) return refused('is not a URL');
  const { hostname, pathname, hash } = new URL(text);
  if (hostname === '' && !text.includes('host=')) return refused('has no host');
  if (hash !== '') return refused('has a fragment');
  return pathname.length > 1 ? understood(text) : refused('names no database');
}

/** The file that a database is in; `null`: it is on a server. */
export function databaseFile(url: string): string | null {
  return url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : null;
}
