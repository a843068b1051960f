import { type Parsed, refused, understood } from './parsed.ts';

/** `application/json`, `text/*`, or `+json` for all types that are written in JSON (RFC 6838 §4.2.8); in lower case. */
export function parseMediaRange(text: string): Parsed<string> {
  return /^(\+[\w.-]+|[\w!#$&^.+-]+\/([\w!#$&^.+-]+|\*))$/.test(text)
    ? understood(text.toLowerCase())
    : refused('is neither a media type, nor text/* or +json');
}
