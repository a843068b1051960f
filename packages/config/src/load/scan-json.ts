/** Is told of every key and item of a JSON text, in order of reading. */
export interface JsonVisitor {
  /** `keyOffset` of an item of a list is that of its value. */
  readonly enter: (key: string | number, keyOffset: number, valueOffset: number) => void;
  readonly leave: () => void;
}

/** A JSON text that breaks RFC 8259 at an offset. */
export class JsonFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const MAX_DEPTH = 200;
const NUMBER = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
// oxlint-disable-next-line no-control-regex -- RFC 8259 §7 forbids just these in a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;

/**
 * Walks a JSON text without building values: `JSON.parse` does that faster, but knows no places.
 *
 * Throws `JsonFault` where the text is malformed, because the engine's own message often has no position and
 * quotes the text.
 */
export function scanJson(text: string, visitor: JsonVisitor): void {
  const end = scanValue({ text, visitor }, skipSpace(text, 0), 0);
  const rest = skipSpace(text, end);
  if (rest < text.length) throw new JsonFault('something follows after the end of the document', rest);
}

interface Scan {
  readonly text: string;
  readonly visitor: JsonVisitor;
}

function scanValue(scan: Scan, at: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new JsonFault(`nested deeper than ${MAX_DEPTH} levels`, at);
  const { text } = scan;
  switch (text[at]) {
    case '{':
      return scanItems({ ...scan, close: '}' }, at, depth);
    case '[':
      return scanItems({ ...scan, close: ']' }, at, depth);
    case '"':
      return scanString(text, at);
    case undefined:
      throw new JsonFault('the text ends too early', at);
    default:
      return scanLiteral(text, at);
  }
}

/** Members of an object or items of a list: what they share is commas and the end. */
function scanItems(scan: Scan & { readonly close: '}' | ']' }, start: number, depth: number): number {
  const { text, visitor, close } = scan;
  let at = skipSpace(text, start + 1);
  if (text[at] === close) return at + 1;
  for (let index = 0; ; index++) {
    const keyOffset = at;
    let key: string | number = index;
    if (close === '}') {
      const keyEnd = scanKey(text, at);
      key = keyOf(text, at, keyEnd);
      at = skipSpace(text, expectAt(text, skipSpace(text, keyEnd), ':'));
    }
    visitor.enter(key, keyOffset, at);
    at = skipSpace(text, scanValue(scan, at, depth + 1));
    visitor.leave();
    if (text[at] === close) return at + 1;
    at = skipSpace(text, expectAt(text, at, ',', close));
  }
}

function scanKey(text: string, at: number): number {
  if (text[at] === '"') return scanString(text, at);
  if (at >= text.length) throw new JsonFault('the text ends too early; expected a key, or "}"', at);
  const hint = text[at] === '}' ? '; remove the comma before "}"' : commentHint(text, at);
  throw new JsonFault(`expected a key in double quotes${hint}`, at);
}

function keyOf(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? String(JSON.parse(text.slice(start, end))) : inner;
}

function expectAt(text: string, at: number, char: string, other?: string): number {
  if (text[at] === char) return at + 1;
  const wanted = other === undefined ? `"${char}"` : `"${char}" or "${other}"`;
  const hint = commentHint(text, at);
  throw new JsonFault(
    at < text.length ? `expected ${wanted}${hint}` : `the text ends too early; expected ${wanted}`,
    at,
  );
}

function commentHint(text: string, at: number): string {
  return /^(?:\/[/*]|#)/.test(text.slice(at, at + 2))
    ? '; there are no comments in JSON: write YAML instead'
    : '';
}

function scanString(text: string, at: number): number {
  STRING.lastIndex = at;
  if (STRING.test(text)) return STRING.lastIndex;
  throw new JsonFault('a string that does not end, or has a control character or an unknown escape', at);
}

function scanLiteral(text: string, at: number): number {
  for (const word of ['true', 'false', 'null']) if (text.startsWith(word, at)) return at + word.length;
  NUMBER.lastIndex = at;
  if (NUMBER.test(text)) return NUMBER.lastIndex;
  const hint = text[at] === ']' ? '; remove the comma before "]"' : commentHint(text, at);
  throw new JsonFault(`expected a value${hint}`, at);
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}
