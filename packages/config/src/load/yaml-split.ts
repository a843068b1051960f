/** A part of a text in YAML that can be read by itself: an entry of a section, or a whole section. */
export interface Part {
  readonly section: string;
  /** `null`: the section as a whole. */
  readonly entry: string | null;
  /** Where its key is: the number of its line from 1, and the spaces before it. */
  readonly line: number;
  readonly indent: number;
  /** Of the lines, in the text. */
  readonly start: number;
  readonly end: number;
}

/** A section, with its parts: one for each entry, or one in all. */
export interface SectionParts {
  readonly name: string;
  readonly line: number;
  readonly parts: readonly Part[];
}

/**
 * Splits a text in YAML into parts that mean the same when they are read one by one; `null`: nobody can tell without
 * reading it whole.
 *
 * Looks only at the beginnings of lines, and takes nothing for a key but plain words such as `users:`. Text, lists and
 * comments that go over several lines stay together, because all their lines are indented more than the key, or begin
 * with `#` or `-`. What is left open at the end of a part, such as a quotation or a bracket, is a mistake there when it is read
 * alone. Tabs, carriage returns
 * and keys such as `? this` make everything harder to tell, and are not looked into.
 */
export function splitYaml(text: string): readonly SectionParts[] | null {
  if (text.includes('\t') || text.includes('\r')) return null;
  if (text.includes('?') && EXPLICIT_KEY.test(text)) return null;
  const lines = linesOf(text);
  if (lines === null) return null;
  const sections: SectionParts[] = [];
  let open: Line | null = null;
  let body: Line[] = [];
  const close = (end: number): void => {
    if (open !== null) sections.push(sectionOf(text, open, { body, end }));
    body = [];
  };
  for (const line of lines) {
    if (line.indent > 0) body.push(line);
    else if (line.key === null) {
      if (line !== lines[0] || !isDocumentStart(text, line.start)) return null;
    } else {
      close(line.start);
      open = line;
    }
    if (open === null && body.length > 0) return null;
  }
  close(text.length);
  return sections.length > 0 ? sections : null;
}

const EXPLICIT_KEY = /(?:^|[-?:] ) *\?(?:\s|$)/m;

/** A line with something in it that is not a comment. */
interface Line {
  readonly number: number;
  readonly start: number;
  readonly indent: number;
  /** What it begins with; `null`: no plain key. */
  readonly key: string | null;
  readonly isItem: boolean;
}

const HASH = 0x23;
const DASH = 0x2d;
const SPACE = 0x20;
const NEWLINE = 0x0a;

/**
 * Only the lines that matter for the first two levels: those that are indented no more than the first line of their section.
 *
 * `null` where text follows a comment that is indented as little: the parser may then take lines for more of the text that are
 * not, and says so, which a part alone would not show.
 */
function linesOf(text: string): Line[] | null {
  const lines: Line[] = [];
  let deepest = 0;
  let number = 0;
  let isAfterComment = false;
  for (let start = 0; start < text.length;) {
    number++;
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    let at = start;
    while (text.charCodeAt(at) === SPACE) at++;
    const indent = at - start;
    const isShallow = deepest === 0 || indent <= deepest;
    if (at < end && text.charCodeAt(at) === HASH) {
      isAfterComment ||= isShallow;
    } else if (at < end && (isShallow || isAfterComment)) {
      const isItem = isItemAt(text, at);
      const key = isItem ? null : keyAt(text, at);
      if (isAfterComment && !isItem && key === null) return null;
      isAfterComment = false;
      if (isShallow) {
        deepest = indent;
        lines.push({ number, start, indent, key, isItem });
      }
    }
    start = end + 1;
  }
  return lines;
}

function isItemAt(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  return text.charCodeAt(at) === DASH && (next === SPACE || next === NEWLINE || at + 1 === text.length);
}

const KEY = /([A-Za-z0-9_][\w.-]*):(?=[ \n]|$)/y;

function keyAt(text: string, at: number): string | null {
  KEY.lastIndex = at;
  return KEY.exec(text)?.[1] ?? null;
}

const START_OF_DOCUMENT = /---(?: +(?:#.*)?)?(?:\n|$)/y;

function isDocumentStart(text: string, at: number): boolean {
  START_OF_DOCUMENT.lastIndex = at;
  return START_OF_DOCUMENT.test(text);
}

interface Body {
  /** Lines that are indented, but for the deeper ones. */
  readonly body: readonly Line[];
  readonly end: number;
}

const NOTHING_BEHIND = /[\w.-]+: *( #.*)?(\n|$)/y;

function sectionOf(text: string, { key, number, start }: Line, { body, end }: Body): SectionParts {
  const name = key ?? '';
  const whole: Part = { section: name, entry: null, line: number, indent: 0, start, end };
  NOTHING_BEHIND.lastIndex = start;
  const entries = NOTHING_BEHIND.test(text) ? entriesOf(name, body, end) : null;
  return { name, line: number, parts: entries ?? [whole] };
}

/** The entries of a section; `null`: it is a list, or anything else that is not plain to see. */
function entriesOf(section: string, body: readonly Line[], end: number): Part[] | null {
  const [first] = body;
  if (first === undefined) return null;
  const { indent } = first;
  if (first.isItem || body.some((line) => line.indent !== indent)) return null;
  const heads = body.filter(({ isItem }) => !isItem);
  const parts: Part[] = [];
  for (const [index, { key, number, start }] of heads.entries()) {
    if (key === null) return null;
    const next = heads[index + 1]?.start ?? end;
    parts.push({ section, entry: key, line: number, indent, start, end: next });
  }
  return parts;
}
