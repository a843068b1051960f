import { isIPv4, isIPv6 } from 'node:net';

/** Who a request is for. `host` is lower case, without port or trailing dot; an IPv6 address keeps its brackets. */
export type Authority = {
  readonly host: string;
  readonly port: number | undefined;
};

const MAX_LENGTH = 261; // 253 characters of name, a trailing dot, a colon, five digits, and one to spare
const MEMO_SIZE = 64;

type Memo = { readonly text: string; readonly authority: Authority };
/** Direct mapped: a client that sends many names only evicts, it cannot make this grow. */
const memo: (Memo | undefined)[] = Array.from({ length: MEMO_SIZE }, () => undefined);

/**
 * Reads a `Host` field or the authority of a target: name, IPv4 or [IPv6], and maybe a port (RFC 9110 §7.2).
 *
 * Gives `undefined` for everything else, and is stricter than RFC 3986 on purpose. Percent-encoding and sub-delims (`!$&'()*+,;=`)
 * are refused: no DNS name has them and some readers split at them. So are empty labels, an empty port, and what looks like an
 * address but is none (`127.1`, `0x7f000001`), because resolvers read those in many ways.
 */
export function parseAuthority(text: string): Authority | undefined {
  const { length } = text;
  if (length === 0 || length > MAX_LENGTH) return undefined;
  const index = (length * 31 + text.charCodeAt(0) * 7 + text.charCodeAt(length >> 1)) & (MEMO_SIZE - 1);
  const known = memo[index];
  if (known !== undefined && known.text === text) return known.authority;
  // A copy, because slices of the text would hold on to the whole request head that it was cut from.
  const copy = Buffer.from(text).toString();
  const authority = parse(copy);
  if (authority !== undefined) memo[index] = { text: copy, authority };
  return authority;
}

function parse(text: string): Authority | undefined {
  const isBracketed = text.charCodeAt(0) === 0x5b;
  const nameEnd = isBracketed ? text.indexOf(']') + 1 : colonOrEnd(text);
  if (nameEnd <= 0) return undefined;
  const port = nameEnd === text.length ? undefined : parsePort(text, nameEnd);
  if (port === 'malformed') return undefined;
  const name = text.slice(0, nameEnd);
  const host = isBracketed ? bracketedAddress(name) : registeredName(name);
  return host === undefined ? undefined : { host, port };
}

function colonOrEnd(text: string): number {
  const colon = text.indexOf(':');
  return colon === -1 ? text.length : colon;
}

/** The port after the colon at `at`: 1 to 65535 without leading zeros. */
function parsePort(text: string, at: number): number | 'malformed' {
  const digits = text.slice(at + 1);
  if (text.charCodeAt(at) !== 0x3a || !/^[1-9][0-9]{0,4}$/.test(digits)) return 'malformed';
  const port = Number(digits);
  return port <= 65_535 ? port : 'malformed';
}

function bracketedAddress(name: string): string | undefined {
  const address = name.slice(1, -1);
  // A zone (`%eth0`) means something on the sender's machine only.
  return !address.includes('%') && isIPv6(address) ? name.toLowerCase() : undefined;
}

function registeredName(name: string): string | undefined {
  const end = name.endsWith('.') ? name.length - 1 : name.length;
  if (end === 0 || end > 253) return undefined;
  let labelStart = 0;
  let hasUpper = false;
  for (let at = 0; at < end; at++) {
    const code = name.charCodeAt(at);
    if (code === 0x2e) {
      if (at === labelStart) return undefined;
      labelStart = at + 1;
    } else if (code >= 0x41 && code <= 0x5a) {
      hasUpper = true;
    } else if (!isNameCharacter(code)) {
      return undefined;
    }
  }
  if (labelStart === end) return undefined;
  const trimmed = end === name.length ? name : name.slice(0, end);
  const host = hasUpper ? trimmed.toLowerCase() : trimmed;
  return looksNumeric(host.slice(labelStart)) && !isIPv4(host) ? undefined : host;
}

function isNameCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x5f ||
    code === 0x7e
  );
}

/** A last label that makes a resolver read the whole name as an IPv4 address. */
function looksNumeric(label: string): boolean {
  return /^(?:[0-9]+|0x[0-9a-f]*)$/.test(label);
}
