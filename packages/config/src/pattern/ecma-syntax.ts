/** Why a pattern cannot be used; completes "the pattern …". */
export class PatternProblem extends Error {}

const ALL = '\\x{0}-\\x{10FFFF}';
const NOTHING = `[^${ALL}]`;
const LINE_ENDS = '\\n\\r\\x{2028}\\x{2029}';
// ECMA-262 counts the spaces of Unicode, the byte order mark and the ends of lines; RE2 only those of ASCII.
const SPACES =
  '\\x{9}-\\x{D}\\x{20}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}';
const NO_SPACES =
  '\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}\\x{202A}-\\x{202E}' +
  '\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}';

/**
 * Rewrites a pattern of ECMA-262, which is what JSON Schema has, into the syntax of RE2. Throws a `PatternProblem` for what
 * cannot be matched in linear time, and for what one of the two does not know.
 */
export function toLinearSyntax(pattern: string): string {
  const rest = { text: pattern, at: 0 };
  let result = '';
  while (rest.at < pattern.length) result += outsideClass(rest);
  return result;
}

/** A text that is read from left to right. */
interface Rest {
  readonly text: string;
  at: number;
}

function outsideClass(rest: Rest): string {
  const character = take(rest);
  if (character === '.') return `[^${LINE_ENDS}]`;
  if (character === '[') return characterClass(rest);
  if (character === '(') return groupStart(rest);
  if (character !== '\\') return character;
  const letter = peek(rest);
  if (/[1-9k]/.test(letter)) throw new PatternProblem('refers back to a group, which takes exponential time');
  if (letter === 's' || letter === 'S') return `[${spaces(take(rest))}]`;
  if (letter === 'p' || letter === 'P') return `[${escape(rest)}]`;
  return letter === 'b' || letter === 'B' ? `\\${take(rest)}` : escape(rest);
}

function groupStart(rest: Rest): string {
  if (/^\?<?[=!]/.test(rest.text.slice(rest.at, rest.at + 3)))
    throw new PatternProblem('looks ahead or behind, which takes exponential time');
  const [start] = /^(?:\?(?:<\w+>|[ims]*(?:-[ims]+)?:))?/.exec(rest.text.slice(rest.at, rest.at + 80)) ?? [
    '',
  ];
  if (start === '' && peek(rest) === '?') throw new PatternProblem('has a kind of group that ECMA-262 lacks');
  rest.at += start.length;
  return `(${start}`;
}

function characterClass(rest: Rest): string {
  const isNegated = peek(rest) === '^';
  if (isNegated) take(rest);
  let inner = '';
  let wasSet = false;
  while (peek(rest) !== ']') {
    const character = take(rest);
    if (character === '') throw new PatternProblem('has a [ without ]');
    const isSet = character === '\\' && /[dDwWsSpP]/.test(peek(rest));
    if (character === '\\') inner += classEscape(rest);
    // A bracket or a dash that ECMA-262 takes as itself begins a set or a range for RE2.
    else inner += character === '[' || (character === '-' && wasSet) ? `\\${character}` : character;
    wasSet = isSet;
  }
  take(rest);
  if (inner === '') return isNegated ? `[${ALL}]` : NOTHING;
  return `[${isNegated ? '^' : ''}${inner}]`;
}

function classEscape(rest: Rest): string {
  const letter = peek(rest);
  if (letter === 's' || letter === 'S') return spaces(take(rest));
  if (letter !== 'b') return escape(rest);
  take(rest);
  return '\\x{8}';
}

function spaces(letter: string): string {
  return letter === 's' ? SPACES : NO_SPACES;
}

/** What follows a backslash and means the same everywhere. */
function escape(rest: Rest): string {
  const letter = take(rest);
  if (/[dDwWtnvfr]/.test(letter)) return `\\${letter}`;
  if (letter === 'u') return codePoint(unicodeEscape(rest));
  if (letter === 'x') return codePoint(hex(rest, /^[0-9A-Fa-f]{2}/));
  if (letter === 'c') return codePoint(take(rest).charCodeAt(0) % 32);
  if (letter === '0') return codePoint(0);
  if (letter === 'p' || letter === 'P') return property(letter, rest);
  if (letter === '') throw new PatternProblem('ends with a \\');
  if (/[A-Za-z0-9]/.test(letter)) throw new PatternProblem(`has \\${letter}, which ECMA-262 does not know`);
  return `\\${letter}`;
}

function codePoint(code: number): string {
  return `\\x{${code.toString(16).toUpperCase()}}`;
}

function unicodeEscape(rest: Rest): number {
  if (peek(rest) === '{') {
    const code = hex(rest, /^\{[0-9A-Fa-f]{1,6}\}/);
    if (code <= 0x10_ff_ff) return code;
  }
  const unit = hex(rest, /^[0-9A-Fa-f]{4}/);
  const low = /^\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})/.exec(rest.text.slice(rest.at, rest.at + 6))?.[1];
  if (unit < 0xd8_00 || unit > 0xdb_ff || low === undefined) return unit;
  rest.at += 6;
  return ((unit & 0x3_ff) << 10) + (Number.parseInt(low, 16) & 0x3_ff) + 0x1_00_00;
}

function hex(rest: Rest, syntax: RegExp): number {
  const [digits] = syntax.exec(rest.text.slice(rest.at, rest.at + 10)) ?? [];
  if (digits === undefined) throw new PatternProblem('has an escape with the wrong number of digits');
  rest.at += digits.length;
  return Number.parseInt(digits.replace('{', ''), 16);
}

const CATEGORIES: Readonly<Record<string, string>> = {
  Letter: 'L',
  Cased_Letter: 'LC',
  Uppercase_Letter: 'Lu',
  Lowercase_Letter: 'Ll',
  Titlecase_Letter: 'Lt',
  Modifier_Letter: 'Lm',
  Other_Letter: 'Lo',
  Mark: 'M',
  Nonspacing_Mark: 'Mn',
  Spacing_Mark: 'Mc',
  Enclosing_Mark: 'Me',
  Number: 'N',
  Decimal_Number: 'Nd',
  digit: 'Nd',
  Letter_Number: 'Nl',
  Other_Number: 'No',
  Punctuation: 'P',
  punct: 'P',
  Connector_Punctuation: 'Pc',
  Dash_Punctuation: 'Pd',
  Open_Punctuation: 'Ps',
  Close_Punctuation: 'Pe',
  Initial_Punctuation: 'Pi',
  Final_Punctuation: 'Pf',
  Other_Punctuation: 'Po',
  Symbol: 'S',
  Math_Symbol: 'Sm',
  Currency_Symbol: 'Sc',
  Modifier_Symbol: 'Sk',
  Other_Symbol: 'So',
  Separator: 'Z',
  Space_Separator: 'Zs',
  Line_Separator: 'Zl',
  Paragraph_Separator: 'Zp',
  Other: 'C',
  Control: 'Cc',
  cntrl: 'Cc',
  Format: 'Cf',
  Unassigned: 'Cn',
  Private_Use: 'Co',
  Surrogate: 'Cs',
};

/** Categories and scripts, by the names that ECMA-262 has for them and RE2 may not. */
function property(letter: string, rest: Rest): string {
  const [all, name = ''] =
    /^\{(?:(?:General_Category|gc|Script|sc)=)?(\w+)\}/.exec(rest.text.slice(rest.at, rest.at + 80)) ?? [];
  if (all === undefined)
    throw new PatternProblem(`has a \\${letter} without the name of a category or script`);
  rest.at += all.length;
  if (name === 'ASCII') return letter === 'p' ? '\\x{0}-\\x{7F}' : '\\x{80}-\\x{10FFFF}';
  return `\\${letter}{${CATEGORIES[name] ?? name}}`;
}

function peek({ text, at }: Rest): string {
  return text[at] ?? '';
}

/** The next character: the whole of it, beyond the basic plane too. */
function take(rest: Rest): string {
  const code = rest.text.codePointAt(rest.at);
  const character = code === undefined ? '' : String.fromCodePoint(code);
  rest.at += character.length;
  return character;
}
