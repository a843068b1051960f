/** A declaration that says how the document is written, in what all encodings that we may meet share with ASCII. */
const DECLARED = /^<\?xml\s[^>]{0,100}?\sencoding\s*=\s*["']([\w.-]{1,40})["']/;
const CHARSET = /;\s*charset\s*=\s*"?([\w.-]{1,40})/i;

/**
 * The text of a document. How it is written is said by a byte order mark, the media type, or the document itself, in that order
 * (RFC 7303 §3); else it is UTF-8. Throws a `RangeError` for an encoding that we do not know, and a `TypeError` for bytes that are
 * none of it.
 */
export function xmlText(bytes: string, contentType: string): string {
  const named = CHARSET.exec(contentType)?.[1] ?? DECLARED.exec(bytes)?.[1];
  const encoding = markOf(bytes) ?? named ?? 'utf-8';
  return new TextDecoder(encoding, { fatal: true }).decode(Buffer.from(bytes, 'latin1'));
}

function markOf(bytes: string): string | null {
  if (bytes.startsWith('\u00ef\u00bb\u00bf')) return 'utf-8';
  if (bytes.startsWith('\u00ff\u00fe')) return 'utf-16le';
  return bytes.startsWith('\u00fe\u00ff') ? 'utf-16be' : null;
}
