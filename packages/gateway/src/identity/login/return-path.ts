/** Longer ones are not kept: they go into a cookie. */
const MAX_LENGTH = 2048;

const ELSEWHERE = '/';

/**
 * The path and query to which a browser may be sent back after its login: on our own origin, or else `/`.
 *
 * Browsers read `//host`, `/\host` and, because they drop tabs and line breaks anywhere in a URL, also `/<TAB>/host` as
 * another origin (URL Standard §4.4). What a request had as its path is none of that; this holds it whatever becomes of paths.
 */
export function returnPath(path: string): string {
  if (path.length > MAX_LENGTH || !path.startsWith('/') || path.startsWith('//')) return ELSEWHERE;
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f || code === BACKSLASH) return ELSEWHERE;
  }
  return path;
}

const BACKSLASH = 0x5c;
