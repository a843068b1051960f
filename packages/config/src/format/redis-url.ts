import { type Parsed, refused, understood } from './parsed.ts';

/**
 * A Redis or Valkey server: `redis://user:password@host:port/database`, and `rediss://` over TLS. It may hold a password,
 * so nothing is said of the text but what is wrong with its form.
 */
export function parseRedisUrl(text: string): Parsed<string> {
  const [, scheme, rest = ''] = /^([a-zA-Z][\w+.-]*):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) return refused('has no scheme');
  if (scheme !== 'redis' && scheme !== 'rediss') return refused('is neither redis:// nor rediss://');
  if (/[^\x21-\x7e]/.test(rest)) return refused('has a space or a character that must be percent-encoded');
  if (!URL.canParse(text)) return refused('is not a URL');
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  if (hostname === '') return refused('has no host');
  if (search !== '' || hash !== '') return refused('has a query or a fragment');
  if (!/^\/?\d{0,5}$/.test(pathname)) return refused('has a path that is not the number of a database');
  return isEncoded(username) && isEncoded(password)
    ? understood(text)
    : refused('has a user name or password that is not percent-encoded');
}

function isEncoded(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text);
}

/** Which database a URL names: 0 unless it says otherwise. */
export function redisDatabase(url: string): number {
  return Number(new URL(url).pathname.slice(1));
}
