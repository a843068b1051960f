import { numberEnd } from './json-scanner.ts';

/**
 * The whole number that a text says, exactly: `12`, `-1.50e2`, `100.0`. Null: it is none, or far too large for any type. ProtoJSON
 * takes whatever JSON calls a number, as long as it is whole.
 */
export function wholeNumber(text: string): bigint | null {
  if (text.length > MAX_CHARACTERS || text === '' || numberEnd(text, 0) !== text.length) return null;
  const isNegative = text.startsWith('-');
  const [mantissa = '', exponent = '0'] = text
    .slice(isNegative ? 1 : 0)
    .toLowerCase()
    .split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = withoutZeros(whole + fraction);
  if (digits === '') return 0n;
  // What the last digit that is not zero counts for.
  const power = Number(exponent) - fraction.length + (whole.length + fraction.length - digits.length);
  if (power < 0 || power > MAX_DIGITS) return null;
  const value = BigInt(digits) * 10n ** BigInt(power);
  return isNegative ? -value : value;
}

/** Without zeros at the end; `''` for nothing else. */
function withoutZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--;
  return digits.slice(0, end);
}

const MAX_CHARACTERS = 100;
const MAX_DIGITS = 20;
