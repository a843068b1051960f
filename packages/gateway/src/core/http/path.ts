const SLASH = 0x2f;
const QUESTION = 0x3f;
const PERCENT = 0x25;

/** Why a request target is refused. All of them are the client's fault (400). */
export type PathRefusal =
  | 'not-origin-form'
  | 'forbidden-character'
  | 'invalid-escape'
  | 'encoded-nul'
  | 'encoded-slash'
  | 'double-encoding'
  | 'dot-segment-parameter'
  | 'above-root';

/** What `normalisePath` fills in. Keep one per connection and copy the fields out: each call overwrites them. */
export type NormalisedTarget = {
  /** Normalised path, starts with `/`. */
  path: string;
  /** What follows the first `?`, as it was written; empty without one. */
  query: string;
  /** Tells `/a?` from `/a`. */
  hasQuery: boolean;
};

/** `keep` leaves `%2F` and `%5C` encoded (gRPC transcoding needs it); `reject` is the safe default. */
export type EncodedSlashes = 'reject' | 'keep';

// What a character of a path asks for. PLAIN must stay 0.
const PLAIN = 0;
const AFTER_SLASH = 1; // only matters right after a slash: `//` and `/.`
const END = 2;
const REWRITE = 3; // escapes, parameters, and what must become an escape
const FORBIDDEN = 4;

const CLASS = new Uint8Array(128).fill(PLAIN);
CLASS.fill(FORBIDDEN, 0, 0x21);
for (const character of '\\#\x7f') CLASS[character.charCodeAt(0)] = FORBIDDEN;
for (const character of '%;"<>^`{|}') CLASS[character.charCodeAt(0)] = REWRITE;
for (const character of './') CLASS[character.charCodeAt(0)] = AFTER_SLASH;
CLASS[QUESTION] = END;

/**
 * Makes the one path that matching, policies and forwarding all use, so that they cannot disagree (RFC 3986 §6.2.2).
 *
 * Fills `out` and gives `undefined`, or gives the reason to refuse and leaves `out` alone. Escapes of unreserved characters are
 * decoded, other escapes get upper-case digits, dot segments go (after decoding), then slashes are merged. Case and a trailing
 * slash stay. The characters that RFC 3986 does not allow raw but clients send (`"<>^{|}` and the backtick) become escapes, so
 * that both spellings are one path. Reserved characters are never decoded: `:` and `%3A` stay two paths.
 *
 * A path that is normal already is found by one scan and is returned as the same string (or a slice of it before the query).
 */
export function normalisePath(
  target: string,
  out: NormalisedTarget,
  encodedSlashes: EncodedSlashes = 'reject',
): PathRefusal | undefined {
  const { length } = target;
  if (length === 0 || target.charCodeAt(0) !== SLASH) return 'not-origin-form';
  let previous = SLASH;
  for (let at = 1; at < length; at++) {
    const code = target.charCodeAt(at);
    if (code > 0x7f) return 'forbidden-character';
    const kind = CLASS[code] ?? FORBIDDEN;
    if (kind !== PLAIN && (kind !== AFTER_SLASH || previous === SLASH)) {
      if (kind === END) return splitQuery(target, at, out);
      if (kind === FORBIDDEN) return 'forbidden-character';
      return rewrite(target, out, encodedSlashes);
    }
    previous = code;
  }
  out.path = target;
  out.query = '';
  out.hasQuery = false;
  return undefined;
}

function splitQuery(target: string, question: number, out: NormalisedTarget): PathRefusal | undefined {
  if (!isQuery(target, question + 1)) return 'forbidden-character';
  out.path = target.slice(0, question);
  out.query = target.slice(question + 1);
  out.hasQuery = true;
  return undefined;
}

/** Visible ASCII without `#`. Nothing in a query is decoded or repaired here. */
function isQuery(target: string, from: number): boolean {
  for (let at = from; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f || code === 0x23) return false;
  }
  return true;
}

function rewrite(
  target: string,
  out: NormalisedTarget,
  encodedSlashes: EncodedSlashes,
): PathRefusal | undefined {
  const question = target.indexOf('?');
  const hasQuery = question !== -1;
  if (hasQuery && !isQuery(target, question + 1)) return 'forbidden-character';
  const escaped = normaliseEscapes(hasQuery ? target.slice(0, question) : target, encodedSlashes);
  if (isRefusal(escaped)) return escaped;
  const path = removeDotSegments(escaped);
  if (isRefusal(path)) return path;
  out.path = path;
  out.query = hasQuery ? target.slice(question + 1) : '';
  out.hasQuery = hasQuery;
  return undefined;
}

/** Both steps give a path, which starts with a slash, or a refusal, which does not. */
function isRefusal(result: string): result is PathRefusal {
  return result.charCodeAt(0) !== SLASH;
}

function normaliseEscapes(path: string, encodedSlashes: EncodedSlashes): string {
  let text = '/';
  let copied = 1;
  for (let at = 1; at < path.length; at++) {
    const code = path.charCodeAt(at);
    const kind = code > 0x7f ? FORBIDDEN : (CLASS[code] ?? FORBIDDEN);
    if (kind === FORBIDDEN) return 'forbidden-character';
    if (kind !== REWRITE || code === 0x3b) continue;
    text += path.slice(copied, at);
    copied = at + 1;
    if (code !== PERCENT) {
      text += `%${code.toString(16).toUpperCase()}`;
      continue;
    }
    const value = hexPair(path, at + 1);
    if (value === -1) return 'invalid-escape';
    if (value === 0) return 'encoded-nul';
    if (encodedSlashes === 'reject' && (value === 0x2f || value === 0x5c)) return 'encoded-slash';
    text += isUnreserved(value) ? String.fromCharCode(value) : `%${path.slice(at + 1, at + 3).toUpperCase()}`;
    copied = at + 3;
    at += 2;
  }
  text += path.slice(copied);
  // Looked for in the result: the digits of the inner escape may have been escaped themselves (`%25%32%46`).
  return hasDoubleEncoding(text) ? 'double-encoding' : text;
}

function hasDoubleEncoding(path: string): boolean {
  for (let at = path.indexOf('%25'); at !== -1; at = path.indexOf('%25', at + 3)) {
    if (hexPair(path, at + 3) !== -1) return true;
  }
  return false;
}

/** RFC 3986 §5.2.4, then the merging of slashes: in this order `/a//../b` is `/a/b`. */
function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    // `..;x` is a dot segment to servers that strip parameters first, and an ordinary name to the others.
    if (/^\.\.?(?:;|%3B)/.test(segment)) return 'dot-segment-parameter';
    if (segment !== '.' && segment !== '..') {
      kept.push(segment);
      continue;
    }
    if (segment === '..' && kept.pop() === undefined) return 'above-root';
    if (isLast) kept.push('');
  }
  const last = kept.length - 1;
  return `/${kept.filter((segment, index) => segment !== '' || index === last).join('/')}`;
}

function isUnreserved(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x5f ||
    code === 0x7e
  );
}

function hexPair(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high === -1 || low === -1 ? -1 : high * 16 + low;
}

/** The value of a hexadecimal digit, -1 for anything else, also for the NaN past the end of a string. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
