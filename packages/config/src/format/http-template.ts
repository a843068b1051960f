import { type Parsed, refused, understood } from './parsed.ts';

/** One segment of a template: a text, `*` for any one segment, or `**` for all that are left. */
export type TemplateSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'rest' };

/** What a template captures. */
export interface TemplateVariable {
  /** Names of fields, from the message of the request inwards. */
  readonly field: readonly string[];
  /** The segments that it stands for: from this one to before that one; `Infinity`: all that are left. */
  readonly from: number;
  readonly to: number;
  /** Whether that is a single `*`: of one segment all escapes are decoded, of several `%2F` stays (google.api.HttpRule). */
  readonly isSingle: boolean;
}

/** A path template of google.api.http. */
export interface HttpTemplate {
  /** As it was written. */
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
  readonly variables: readonly TemplateVariable[];
  /** What comes after the last `:`, or `''`. */
  readonly verb: string;
}

const MAX_LENGTH = 2048;
const MAX_SEGMENTS = 64;

/**
 * A path template of google.api.http: `/v1/{name=shelves/*}/books:list`.
 *
 * `Template = "/" Segments [Verb]`, where a segment is a literal, `*`, `**` or `{field.path=segments}`. Variables are not
 * nested, and `**` is the last segment. Literals are kept decoded.
 */
export function parseHttpTemplate(text: string): Parsed<HttpTemplate> {
  if (!text.startsWith('/'))
    return refused('does not start with /', /^[\w{]/.test(text) ? `/${text}` : undefined);
  if (text.length > MAX_LENGTH) return refused(`is longer than ${MAX_LENGTH} characters`);
  if (/[^\x21-\x7e]/.test(text)) return refused('has a space or a character that must be percent-encoded');
  if (/[?#\\]/.test(text)) return refused('has ?, # or \\ in it; queries are bound by the names of fields');
  const reader = new TemplateReader(text);
  const problem = reader.read();
  return problem === null ? understood(reader.template()) : refused(problem);
}

const NESTED = 'has a variable inside a variable';

/** Reads a template from left to right. `#field` is that of the variable that is open, which began at segment `#from`. */
class TemplateReader {
  readonly #text: string;
  readonly #segments: TemplateSegment[] = [];
  readonly #variables: TemplateVariable[] = [];
  readonly #verb: string;
  /** Where the segments end. */
  readonly #end: number;
  #at = 1;
  #field: readonly string[] | null = null;
  #from = 0;

  constructor(text: string) {
    this.#text = text;
    const colon = text.lastIndexOf(':');
    const hasVerb = colon > Math.max(text.lastIndexOf('/'), text.lastIndexOf('}'));
    this.#end = hasVerb ? colon : text.length;
    this.#verb = hasVerb ? text.slice(colon + 1) : '';
  }

  /** What is wrong with it, or null. */
  read(): string | null {
    if (this.#end < this.#text.length && !isLiteral(this.#verb))
      return 'has an empty or malformed verb after :';
    // A template of the root alone is not in the grammar, but people write it.
    if (this.#end === 1) return null;
    for (;;) {
      const problem = this.#segment();
      if (problem !== null) return problem;
      if (this.#at === this.#end) break;
      if (this.#text.charAt(this.#at) !== '/')
        return `has no / before "${this.#text.slice(this.#at, this.#at + 8)}"`;
      this.#at++;
    }
    return this.#whole();
  }

  template(): HttpTemplate {
    return { text: this.#text, segments: this.#segments, variables: this.#variables, verb: this.#verb };
  }

  #segment(): string | null {
    if (this.#text.charAt(this.#at) === '{') {
      const problem = this.#open();
      if (problem !== null) return problem;
    }
    if (this.#segments.length === MAX_SEGMENTS) return `has more than ${MAX_SEGMENTS} segments`;
    const problem = this.#plainSegment();
    return problem ?? this.#close();
  }

  /** `{field.path=`, or all of `{field.path}`, which is short for `{field.path=*}`. */
  #open(): string | null {
    if (this.#field !== null) return NESTED;
    const stop = /[=}]/g;
    stop.lastIndex = this.#at;
    const end = stop.exec(this.#text)?.index ?? -1;
    if (end === -1) return 'has a { without }';
    const field = this.#text.slice(this.#at + 1, end).split('.');
    if (!field.every(isIdentifier))
      return 'has a variable that is not the path of a field, such as {book.name}';
    const name = field.join('.');
    if (this.#variables.some((other) => other.field.join('.') === name))
      return `has the variable {${name}} twice`;
    this.#field = field;
    this.#from = this.#segments.length;
    this.#at = this.#text.charAt(end) === '=' ? end + 1 : end;
    return null;
  }

  #plainSegment(): string | null {
    const start = this.#at;
    if (this.#text.charAt(start) === '}' && this.#field !== null) {
      if (this.#text.charAt(start - 1) === '=' || this.#text.charAt(start - 1) === '/')
        return 'has an empty segment';
      this.#segments.push({ kind: 'one' });
      return null;
    }
    while (this.#at < this.#end && !'/{}'.includes(this.#text.charAt(this.#at))) this.#at++;
    if (this.#at === start && this.#text.charAt(start) === '{') return NESTED;
    const text = this.#text.slice(start, this.#at);
    if (text === '*') this.#segments.push({ kind: 'one' });
    else if (text === '**') this.#segments.push({ kind: 'rest' });
    else if (text === '') return 'has an empty segment';
    else if (!isLiteral(text)) return `has "${text}", which is neither a literal nor *, ** or {field}`;
    else this.#segments.push({ kind: 'literal', text: decodeURIComponent(text) });
    return null;
  }

  #close(): string | null {
    if (this.#text.charAt(this.#at) !== '}') return null;
    if (this.#field === null) return 'has a } without {';
    const from = this.#from;
    const to = this.#segments.at(-1)?.kind === 'rest' ? Infinity : this.#segments.length;
    const isSingle = to === from + 1 && this.#segments[from]?.kind === 'one';
    this.#variables.push({ field: this.#field, from, to, isSingle });
    this.#field = null;
    this.#at++;
    return null;
  }

  #whole(): string | null {
    if (this.#field !== null) return 'has a { without }';
    const rest = this.#segments.findIndex(({ kind }) => kind === 'rest');
    return rest === -1 || rest === this.#segments.length - 1 ? null : 'has a ** that is not the last segment';
  }
}

function isIdentifier(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}

/** What RFC 3986 allows in a segment, but for what means something in a template, and what nobody could ask for. */
function isLiteral(text: string): boolean {
  if (!/^(?:[\w.~!$&'()+,;:@-]|%[0-9A-Fa-f]{2})+$/.test(text) || text === '.' || text === '..') return false;
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    // Escapes that are no UTF-8.
    return false;
  }
}
