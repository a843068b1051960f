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

/** Takes a form of `multipart/form-data` apart. Null: it is not well formed, or has too many parts. */
export function formParts(bytes: string, boundary: string): FormPart[] | null {
  if (boundary === '' || boundary.length > 70) return null;
  const delimiter = `\r\n--${boundary}`;
  const parts: FormPart[] = [];
  // The first delimiter may stand at the very beginning.
  let at = bytes.startsWith(delimiter.slice(2)) ? delimiter.length - 2 : endOf(bytes, delimiter, 0);
  while (at !== -1 && parts.length <= MAX_PARTS) {
    if (bytes.startsWith('--', at)) return parts;
    const start = lineEnd(bytes, at);
    const end = start === -1 ? -1 : bytes.indexOf(delimiter, start - 2);
    const part = end === -1 ? null : partOf(bytes, start, end);
    if (part === null) return null;
    parts.push(part);
    at = end + delimiter.length;
  }
  return null;
}

function endOf(bytes: string, delimiter: string, from: number): number {
  const at = bytes.indexOf(delimiter, from);
  return at === -1 ? -1 : at + delimiter.length;
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
  const fields = bytes.slice(start, Math.max(blank, start)).split('\r\n');
  const parameters = dispositionOf(fieldOf(fields, 'content-disposition'));
  const name = parameters?.get('name');
  if (parameters === null || name === undefined) return null;
  return {
    name,
    hasFileName: parameters.has('filename') || parameters.has('filename*'),
    contentType: fieldOf(fields, 'content-type') ?? '',
    bytes: bytes.slice(blank + 4, end),
  };
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (const field of fields) {
    const colon = field.indexOf(':');
    if (colon !== -1 && field.slice(0, colon).toLowerCase() === name) return field.slice(colon + 1).trim();
  }
  return undefined;
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
    if (name === '' || parameters.has(name)) return null;
    parameters.set(name, quoted ?? token);
    at = PARAMETER.lastIndex;
  }
  return at === -1 ? null : parameters;
}
