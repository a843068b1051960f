import { normalisePath, type NormalisedTarget } from '../core/http/path.ts';

/** The most segments that a pattern may have. Requests may have more: only `/*` reaches beyond. */
export const MAX_SEGMENTS = 64;

/** What a trailing `/*` captures is the parameter of this name. */
export const REST = 'rest';

/** A path pattern that was read. */
export type PathPattern = {
  /**
   * What the segments are: `L` literal (a trailing slash is an empty last literal), `P` parameter, and `R` at the end for `/*`.
   * Of two shapes that match one path, the lesser by code units is the more specific.
   */
  readonly shape: string;
  /** Names of the parameters from left to right, with `rest` at the end for `/*`. */
  readonly names: readonly string[];
  /** The pattern with literals as requests have them and `{}` for parameters: equal for patterns that match the same paths. */
  readonly canonical: string;
};

const ORDINARY = /^(?:\/(?:[\w-][\w.-]*|\{[A-Za-z_][\w-]*\}))*(?:\/\*?)?$/;
const NO_NAMES: readonly string[] = [];

/** Reads a path pattern, or says in a sentence what is wrong with it. */
export function parsePattern(path: string): PathPattern | string {
  if (!path.startsWith('/')) return 'a path starts with /';
  // Most patterns are normal already, and a table may have a hundred thousand of them.
  const normal = ORDINARY.test(path) ? path : normalisePattern(path);
  if (!normal.startsWith('/')) return normal;
  const shape = shapeOf(normal);
  const segments = shape.endsWith('R') ? shape.length - 1 : shape.length;
  if (segments > MAX_SEGMENTS) return `a path has at most ${MAX_SEGMENTS} segments`;
  if (!normal.includes('{'))
    return { shape, names: shape.endsWith('R') ? [REST] : NO_NAMES, canonical: normal };

  const names: string[] = [];
  let canonical = '';
  let close = 0;
  for (let open = normal.indexOf('{'); open !== -1; open = normal.indexOf('{', close)) {
    canonical += normal.slice(close, open + 1);
    close = normal.indexOf('}', open);
    names.push(normal.slice(open + 1, close));
  }
  canonical += normal.slice(close);
  if (shape.endsWith('R')) names.push(REST);
  if (names.length > 1 && new Set(names).size < names.length) {
    return `parameter names must differ, and ${REST} is the one of /*`;
  }
  return { shape, names, canonical };
}

function shapeOf(path: string): string {
  let shape = '';
  for (let slash = 0; slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const next = path.charAt(slash + 1);
    shape += next === '{' ? 'P' : next === '*' ? 'R' : 'L';
  }
  return shape;
}

/** The pattern with literals as `normalisePath` would make them, or a sentence. */
function normalisePattern(path: string): string {
  const parts = path.slice(1).split('/');
  let normal = '';
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part.startsWith('{')) {
      if (!/^\{[A-Za-z_][\w-]*\}$/.test(part))
        return `${part} is no parameter: write {name} as a whole segment`;
      normal += `/${part}`;
    } else {
      const literal = isLast && (part === '' || part === '*') ? part : normaliseLiteral(part);
      if (literal === undefined) return `${part === '' ? 'an empty segment' : part} cannot be in a path`;
      normal += `/${literal}`;
    }
  }
  return normal;
}

const scratch: NormalisedTarget = { path: '', query: '', hasQuery: false };

/** The segment as requests will have it after `normalisePath`; `undefined` if no request can have it. */
function normaliseLiteral(segment: string): string | undefined {
  if (segment === '' || segment === '.' || segment === '..' || /[*{}?]/.test(segment)) return undefined;
  // Written for people (`/café`), but requests carry the UTF-8 escapes. A lone surrogate becomes U+FFFD.
  const escaped = segment.replaceAll(/[^\0-\x7f]+/gu, (text) => encodeURIComponent(text.toWellFormed()));
  if (normalisePath(`/${escaped}`, scratch, 'keep') !== undefined) return undefined;
  return scratch.path === '/' ? undefined : scratch.path.slice(1);
}

/**
 * The values that a path gives to the parameters of a pattern, in the order of `names`, as they stand in the path (still
 * encoded). The path must match the pattern.
 */
export function readParameters(pattern: PathPattern, path: string): string[] {
  const values: string[] = [];
  let start = 1;
  for (const kind of pattern.shape) {
    const slash = kind === 'R' ? -1 : path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    if (kind !== 'L') values.push(path.slice(start, end));
    start = end + 1;
  }
  return values;
}
