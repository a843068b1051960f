// Distinguished names are compared as one canonical text: attribute by attribute in the order of RFC 4514, types without case
// and aliases, values exactly. Directories fold the case of values; where a name opens a door, only one spelling should fit.

/** The canonical text of a name as RFC 4514 writes it, the last attribute of the certificate first; null if it is none. */
export function canonicalName(text: string): string | null {
  return canonical(split(text, ',').map((rdn) => split(rdn, '+')));
}

/** The canonical text of a name as Node.js shows it: a line each, from the first attribute on, escaped as RFC 4514 does. */
export function canonicalNameOfLines(text: string): string | null {
  return canonical(
    split(text, '\n')
      .toReversed()
      .map((line) => split(line, ' + ')),
  );
}

function canonical(rdns: readonly (readonly string[])[]): string | null {
  const read = rdns.map((attributes) => attributes.map(attribute));
  // A set of attributes at one level has no order (X.501 §9.3).
  const isWhole = read.every((attributes) => attributes.every((one) => one !== null));
  return isWhole ? JSON.stringify(read.map((attributes) => attributes.toSorted())) : null;
}

/** `cn=` and the value, without escapes. */
function attribute(text: string): string | null {
  const equals = text.indexOf('=');
  if (equals <= 0) return null;
  const type = text.slice(0, equals).trim().toLowerCase();
  const value = unescaped(withoutSpaces(text.slice(equals + 1)));
  return value === null ? null : `${ALIASES.get(type) ?? type}=${value}`;
}

/** Parts between separators that are not escaped. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(separator, at)) {
      parts.push(text.slice(from, at));
      from = at + separator.length;
      at = from - 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** Spaces around a value are written with escapes if they are meant (RFC 4514 §2.4). */
function withoutSpaces(text: string): string {
  const from = text.search(/[^ ]/);
  if (from === -1) return '';
  let to = text.length;
  while (to > from && text[to - 1] === ' ' && text[to - 2] !== '\\') to--;
  return text.slice(from, to);
}

/** Pairs of digits are the bytes of UTF-8, everything else stands for itself. */
function unescaped(text: string): string | null {
  try {
    return text.replaceAll(/((?:\\[0-9a-fA-F]{2})+)|\\(.)/gs, (_, bytes?: string, character = '') =>
      bytes === undefined ? character : decodeURIComponent(bytes.replaceAll('\\', '%')),
    );
  } catch {
    return null; // not UTF-8
  }
}

/** Other names for the types of RFC 4514 §3, and for the one beside them that certificates have. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'cn'],
  ['2.5.4.7', 'l'],
  ['2.5.4.8', 'st'],
  ['2.5.4.10', 'o'],
  ['2.5.4.11', 'ou'],
  ['2.5.4.6', 'c'],
  ['2.5.4.9', 'street'],
  ['0.9.2342.19200300.100.1.25', 'dc'],
  ['0.9.2342.19200300.100.1.1', 'uid'],
  ['1.2.840.113549.1.9.1', 'emailaddress'],
  ['e', 'emailaddress'],
]);
