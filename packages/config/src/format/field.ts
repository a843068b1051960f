import { type Parsed, refused, understood } from './parsed.ts';

/** Header fields that frame the message or belong to the connection: only the wire code writes them. */
const OURS =
  /^(content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|proxy-connection)$/i;

/** A method name (RFC 9110 §9.1). Methods are case-sensitive, so a lower-case one is a mistake. */
export function parseMethod(text: string): Parsed<string> {
  if (/^[A-Z][A-Z0-9_-]{0,31}$/.test(text)) return understood(text);
  return refused(
    'is not a method in capital letters',
    /^[a-z]+$/i.test(text) ? text.toUpperCase() : undefined,
  );
}

/** The name of a header field (RFC 9110 §5.1) that may be carried from one message to another, in lower case. */
export function parseFieldName(text: string): Parsed<string> {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text)) return refused('is not the name of a header');
  if (isFramingField(text))
    return refused('belongs to the framing of messages, which only the gateway writes');
  return understood(text.toLowerCase());
}

/** `header:x-side`: the name of a header, in lower case. */
export function parseHeaderSource(text: string): Parsed<string> {
  if (text.startsWith('header:')) return parseFieldName(text.slice('header:'.length));
  const name = parseFieldName(text);
  return refused('does not begin with header:', name.ok ? `header:${name.value}` : undefined);
}

/** The value of a header field (RFC 9110 §5.5); a line break in one would split our response. */
export function parseFieldValue(text: string): Parsed<string> {
  return /[^\t\x20-\x7e\x80-\xff]/.test(text)
    ? refused('has a line break, a control character or text outside Latin-1')
    : understood(text);
}

/** A media type as `content-type` takes it (RFC 9110 §8.3.1). */
export function parseMediaType(text: string): Parsed<string> {
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;[\x20-\x7e]*)?$/.test(text)
    ? understood(text)
    : refused('is not a media type');
}

/** True for fields that a configuration may not write. */
export function isFramingField(name: string): boolean {
  return OURS.test(name);
}
