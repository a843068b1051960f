/** How many 32-bit words an address has: 1 for IPv4, 4 for IPv6. */
export type Width = 1 | 4;

/**
 * Reads the address in `text[start, end)` into `words`, most significant word first, and gives how many words it has; 0 if
 * it is none (RFC 4291 §2.2, and dotted decimal without leading zeros). Zones are not read.
 *
 * Written by hand because clients and proxies choose what is read here: one pass, and nothing is allocated.
 */
export function readAddress(
  text: string,
  words: Uint32Array,
  start: number = 0,
  end: number = text.length,
): Width | 0 {
  if (readIpv4(text, words, start, end)) return 1;
  return readIpv6(text, words, start, end) ? 4 : 0;
}

/** Whether an IPv6 address is an IPv4 address in disguise (RFC 4291 §2.5.5.2), in whatever spelling; its last word is that. */
export function isMapped(words: Uint32Array): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

function readIpv4(text: string, words: Uint32Array, start: number, end: number): boolean {
  let address = 0;
  let octet = NONE;
  let dots = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (octet === NONE || ++dots > 3) return false;
      address = (address << 8) | octet;
      octet = NONE;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || octet === 0) return false;
    octet = octet === NONE ? digit : octet * 10 + digit;
    if (octet > 255) return false;
  }
  if (dots !== 3 || octet === NONE) return false;
  words[0] = (address << 8) | octet;
  return true;
}

function readIpv6(text: string, words: Uint32Array, start: number, end: number): boolean {
  let count = 0;
  let gap = NONE;
  let value = 0;
  let digits = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    const digit = code < 128 ? (HEX_DIGITS[code] ?? NONE) : NONE;
    if (digit !== NONE) {
      if (++digits > 4) return false;
      value = (value << 4) | digit;
    } else if (code === COLON) {
      const isDouble = at + 1 < end && text.charCodeAt(at + 1) === COLON;
      if (digits > 0) GROUPS[count++] = value;
      else if (at > start || !isDouble) return false;
      if (count === 8 || (isDouble && gap !== NONE)) return false;
      value = digits = 0;
      if (!isDouble) continue;
      gap = count;
      at++;
    } else {
      if (code !== DOT || count > 6 || !readIpv4(text, words, at - digits, end)) return false;
      GROUPS[count++] = (words[0] ?? 0) >>> 16;
      value = words[0] ?? 0;
      break;
    }
  }
  if (digits > 0) GROUPS[count++] = value;
  else if (gap !== count) return false;
  return toWords(words, count, gap);
}

/** Makes words of `count` groups, with as many zeros behind the first `gap` of them as are missing. */
function toWords(words: Uint32Array, count: number, gap: number): boolean {
  if (gap === NONE ? count < 8 : count === 8) return false;
  if (gap !== NONE) {
    let from = count;
    for (let to = 7; to >= gap; to--) GROUPS[to] = --from >= gap ? (GROUPS[from] ?? 0) : 0;
  }
  for (let word = 0; word < 4; word++)
    words[word] = ((GROUPS[2 * word] ?? 0) << 16) | (GROUPS[2 * word + 1] ?? 0);
  return true;
}

/** Reading is synchronous, so one place for the groups of an IPv6 address will do. */
const GROUPS = new Uint16Array(8);

const NONE = -1;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;

/** What the characters of ASCII are worth as hexadecimal digits: a table, because branches on digits cannot be predicted. */
const HEX_DIGITS = Int8Array.from({ length: 128 }, (_, code) => {
  const digit = parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? NONE : digit;
});
