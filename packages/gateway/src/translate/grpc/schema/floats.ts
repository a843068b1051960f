import { type JsonScanner, numberEnd } from './json-scanner.ts';

/** A `float` or `double` of JSON: a number, the same in quotes, or `NaN`, `Infinity`, `-Infinity` in quotes. */
export function doubleOf(scan: JsonScanner, name: 'float' | 'double'): number {
  const plain = scan.plainInteger();
  if (!Number.isNaN(plain)) return plain;
  const isQuoted = scan.peek() === 0x22;
  const text = isQuoted ? scan.string() : scan.number();
  if (isQuoted && SPECIAL.has(text)) return Number(text);
  if (isQuoted && !isNumber(text)) throw scan.fault(`must be a number (${name})`);
  const value = Number(text);
  if (!Number.isFinite(name === 'float' ? Math.fround(value) : value))
    throw scan.fault(`is too large for a ${name}`);
  return value;
}

const SPECIAL: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity']);

/** `Number` takes white space, hexadecimals and the empty text. */
function isNumber(text: string): boolean {
  return text !== '' && numberEnd(text, 0) === text.length;
}

/** A number in JSON, with the texts that ProtoJSON has for what JSON has not. */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/** The shortest text that gives the same float again: 0.1, not 0.10000000149011612. */
export function floatText(value: number): string {
  // Small whole numbers are as short as can be.
  if (!Number.isFinite(value) || value === (value | 0)) return numberText(value);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}
