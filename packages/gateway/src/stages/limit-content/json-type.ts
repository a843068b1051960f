/** Encodings in which brackets and quotes are the bytes that they are in UTF-8, under the names that clients use. */
const LIKE_ASCII: ReadonlySet<string> = new Set([
  'utf-8',
  'utf8',
  'us-ascii',
  'ascii',
  'iso-8859-1',
  'latin1',
  'windows-1252',
]);

/** Whether a body of this `Content-Type` is JSON: `application/json`, `text/json`, `application/problem+json`. */
export function isJson(contentType: string): boolean {
  const [type = ''] = contentType.split(';', 1);
  const subtype = type
    .slice(type.indexOf('/') + 1)
    .trim()
    .toLowerCase();
  return subtype === 'json' || subtype.endsWith('+json');
}

/**
 * Whether a `Content-Type` names no encoding, or one that can be scanned as bytes. JSON between systems is UTF-8 (RFC 8259
 * §8.1), but there are servers that decode it as `charset` says, and in EBCDIC or UTF-7 a bracket is another byte.
 */
export function isScannable(contentType: string): boolean {
  return contentType.split(';').every((parameter) => {
    const [name = '', value = ''] = parameter.trim().toLowerCase().split('=', 2);
    return name.trim() !== 'charset' || LIKE_ASCII.has(value.replaceAll('"', '').trim());
  });
}
