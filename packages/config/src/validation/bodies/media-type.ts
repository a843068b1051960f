/** A media type (RFC 9110 §8.3.1) as far as it matters here; all in lower case but the boundary. */
export interface MediaType {
  /** `type/subtype`. */
  readonly essence: string;
  readonly charset: string;
  /** Of multipart types (RFC 2046 §5.1.1); `''` without one. */
  readonly boundary: string;
}

const ESSENCE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;

/** Reads a media type; null for what is none. */
export function readMediaType(text: string): MediaType | null {
  const [first = '', ...parameters] = text.split(';');
  const essence = first.trim().toLowerCase();
  if (!ESSENCE.test(essence)) return null;
  return {
    essence,
    charset: parameterOf(parameters, 'charset').toLowerCase(),
    boundary: parameterOf(parameters, 'boundary'),
  };
}

function parameterOf(parameters: readonly string[], name: string): string {
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    if (equals === -1 || parameter.slice(0, equals).trim().toLowerCase() !== name) continue;
    const value = parameter.slice(equals + 1).trim();
    return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return '';
}

/** Of some media types and ranges, the one that says most about a media type; undefined if none does. */
export type MediaRanges = (essence: string) => string | undefined;

/** Reads media types and ranges as they are written in descriptions (OpenAPI 3.2 §4.13.1). What is none is left out. */
export function mediaRanges(written: readonly string[]): MediaRanges {
  const ranges = new Map(written.toReversed().map((range) => [readMediaType(range)?.essence, range]));
  return (essence) =>
    ranges.get(essence) ?? ranges.get(`${essence.slice(0, essence.indexOf('/'))}/*`) ?? ranges.get('*/*');
}

/** Whether its bodies are JSON (RFC 6839 §3.1). */
export function isJson(essence: string): boolean {
  return essence === 'application/json' || essence.endsWith('+json');
}

/** Whether its text is in UTF-8, as far as it says. */
export function isUtf8Labelled({ charset }: MediaType): boolean {
  return charset === '' || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}
