import { type Parsed, refused, understood } from './parsed.ts';

/** The name under which a trailing wildcard is captured. */
export const WILDCARD_NAME = 'rest';

/**
 * A path pattern: `/users/{id}/*`. Literal segments, whole-segment parameters, and a wildcard only at the end.
 *
 * Stricter than RFC 3986: no empty or dot segments, no backslash, because matching happens on a normalised
 * path and such a route could never be reached, or worse, be reached by another spelling.
 */
export function parsePathPattern(text: string): Parsed<string> {
  if (!text.startsWith('/'))
    return refused('does not start with /', /^[\w{]/.test(text) ? `/${text}` : undefined);
  if (/[^\x21-\x7e]/.test(text)) return refused('has a space or a character that must be percent-encoded');
  if (/[?#\\]/.test(text)) return refused('has ?, # or \\ in it; match a query with `match.query`');
  const names = new Set<string>();
  const segments = text.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const problem = segmentProblem(segment, isLast, names);
    if (problem !== null) return refused(problem);
  }
  return understood(text);
}

function segmentProblem(segment: string, isLast: boolean, names: Set<string>): string | null {
  if (segment === '') return isLast ? null : 'has an empty segment';
  if (segment === '.' || segment === '..') return 'has a dot segment';
  if (segment === '*') {
    if (!isLast) return 'has a * that is not the last segment';
    return names.has(WILDCARD_NAME)
      ? `has a parameter {${WILDCARD_NAME}} beside the wildcard of that name`
      : null;
  }
  const [, name] = /^\{([a-zA-Z_]\w*)\}$/.exec(segment) ?? [];
  if (name !== undefined) {
    if (names.has(name)) return `has the parameter {${name}} twice`;
    names.add(name);
    return null;
  }
  if (/[{}]/.test(segment)) return 'has braces that are not a whole segment such as {id}';
  if (segment.includes('*')) return 'has a * inside a segment';
  return /%(?![0-9a-f]{2})/i.test(segment) ? 'has a malformed percent escape' : null;
}

/** The parameters that a pattern captures, in order. */
export function parametersOf(pattern: string): string[] {
  const names = Array.from(pattern.matchAll(/\{(\w+)\}/g), ([, name]) => name ?? '');
  return pattern.endsWith('/*') ? [...names, WILDCARD_NAME] : names;
}

/** The pattern without the names of its parameters: two patterns of the same shape match the same requests. */
export function shapeOf(pattern: string): string {
  return pattern.replaceAll(/\{\w+\}/g, '{}');
}

/** A text with `{name}` in it, for `rewrite.path`: starts with `/`. */
export function parsePathTemplate(text: string): Parsed<string> {
  if (!text.startsWith('/'))
    return refused('does not start with /', /^[\w{]/.test(text) ? `/${text}` : undefined);
  return parseTemplate(text);
}

/** A text with `{name}` in it, for `redirect.to`: a path or an absolute http(s) URL. */
export function parseLocationTemplate(text: string): Parsed<string> {
  if (!/^(\/|https?:\/\/[^/{}]+)/.test(text)) return refused('is neither a path nor an http(s) URL');
  return parseTemplate(text);
}

function parseTemplate(text: string): Parsed<string> {
  if (/[^\x21-\x7e]/.test(text)) return refused('has a space or a character that must be percent-encoded');
  const rest = text.replaceAll(/\{[a-zA-Z_]\w*\}/g, '');
  return /[{}]/.test(rest) ? refused('has braces that are not a parameter such as {id}') : understood(text);
}

/** A plain path prefix, for `stripPrefix`. */
export function parsePathPrefix(text: string): Parsed<string> {
  if (/[{}*]/.test(text)) return refused('has a parameter or wildcard; a prefix is literal');
  return parsePathPattern(text);
}

/** A path on our side where browsers may be sent: literal, so that no one can be sent elsewhere by it. */
export function parseLocalPath(text: string): Parsed<string> {
  if (/[{}*]/.test(text)) return refused('has a parameter or wildcard; this path is literal');
  return parsePathPattern(text);
}
