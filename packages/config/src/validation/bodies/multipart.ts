import { utf8Text } from './utf8.ts';

/** One part of a form (RFC 7578). */
export interface FormPart {
  readonly name: string;
  /** Whether it is a file. */
  readonly hasFileName: boolean;
  /** `''`: not said, and then it is text. */
  readonly contentType: string;
  /** Its bytes, one character each. */
  readonly bytes: string;
}

/** A form has so many parts at most. */
const MAX_PARTS = 1000;
const MAX_HEAD_LENGTH = 8192;

/**
 * Takes a form of `multipart/form-data` apart. Null: it is not well formed, or has too many parts.
 *
 * Readers differ in what they forgive. Whatever one of them might read as another form is refused: we would look at one, and
 * the service use the other.
 */
export function formParts(bytes: string, boundary: string): FormPart[] | null {
  if (boundary === '' || boundary.length > 70) return null;
  const dashed = `--${boundary}`;
  const parts: FormPart[] = [];
  let at = delimiterEnd(bytes, dashed, 0);
  while (at !== -1 && parts.length <= MAX_PARTS) {
    if (bytes.startsWith('--', at)) return parts;
    const start = lineEnd(bytes, at);
    const next = start === -1 ? -1 : delimiterEnd(bytes, dashed, start - 2);
    const part = next === -1 ? null : partOf(bytes, start, next - dashed.length - 2);
    if (part === null) return null;
    parts.push(part);
    at = next;
  }
  return null;
}

/** Where the next delimiter ends. The boundary may stand nowhere else: some take it for a delimiter after a bare LF, too. */
function delimiterEnd(bytes: string, dashed: string, from: number): number {
  const at = bytes.indexOf(dashed, from);
  if (at === -1) return -1;
  return at === 0 || bytes.startsWith('\r\n', at - 2) ? at + dashed.length : -1;
}

/** Where the line after a delimiter begins; it may end with spaces. */
function lineEnd(bytes: string, from: number): number {
  let at = from;
  while (bytes[at] === ' ' || bytes[at] === '\t') at++;
  return bytes.startsWith('\r\n', at) ? at + 2 : -1;
}

/** The part in `bytes[start, end)`: fields, an empty line, and the rest. */
function partOf(bytes: string, start: number, end: number): FormPart | null {
  const blank = bytes.startsWith('\r\n', start) ? start - 2 : bytes.indexOf('\r\n\r\n', start);
  if (blank === -1 || blank + 2 > end || blank - start > MAX_HEAD_LENGTH) return null;
  const fields = fieldsOf(bytes.slice(start, Math.max(blank, start)));
  const parameters = fields === null ? null : dispositionOf(fields.get('content-disposition'));
  const name = utf8Text(parameters?.get('name') ?? '\xff');
  if (fields === null || parameters === null || name === null) return null;
  return {
    name,
    hasFileName: parameters.has('filename') || parameters.has('filename*'),
    contentType: fields.get('content-type') ?? '',
    bytes: bytes.slice(blank + 4, end),
  };
}

const FIELD = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\r\n]*)$/;
/** What leaves the bytes as they are. Some decode the others, although forms do not have them (RFC 7578 §4.7). */
const PLAIN_ENCODINGS: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

/** The fields of a part by their names in lower case. Null: a line is none, or says again or otherwise what was said. */
function fieldsOf(head: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>();
  for (const line of head === '' ? [] : head.split('\r\n')) {
    const [, spelling = '', value = ''] = FIELD.exec(line) ?? [];
    const name = spelling.toLowerCase();
    if (name === '' || fields.has(name)) return null;
    fields.set(name, value.trim());
  }
  const encoding = fields.get('content-transfer-encoding')?.toLowerCase() ?? '8bit';
  return PLAIN_ENCODINGS.has(encoding) ? fields : null;
}

const FORM_DATA = /form-data(?=;)/iy;
const PARAMETER = /;[ \t]{0,16}([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/y;

/** The parameters of a part. Null: somebody else might read them in another way. */
function dispositionOf(field = ''): ReadonlyMap<string, string> | null {
  const parameters = new Map<string, string>();
  FORM_DATA.lastIndex = 0;
  let at = FORM_DATA.test(field) ? FORM_DATA.lastIndex : -1;
  while (at !== -1 && at < field.length) {
    PARAMETER.lastIndex = at;
    const [, spelling = '', quoted, token = ''] = PARAMETER.exec(field) ?? [];
    const name = spelling.toLowerCase();
    // Some undo escapes in a name, and some know the notation of RFC 2231 for it.
    const isTwofold = name.startsWith('name*') || (name === 'name' && quoted?.includes('\\') === true);
    if (name === '' || parameters.has(name) || isTwofold) return null;
    parameters.set(name, quoted ?? token);
    at = PARAMETER.lastIndex;
  }
  return at === -1 ? null : parameters;
}
