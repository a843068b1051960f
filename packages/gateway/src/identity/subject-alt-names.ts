import { isIP, isIPv6, SocketAddress } from 'node:net';

/** The kinds that configurations can name, by the words with which Node.js shows them. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['DNS', 'dns'],
  ['URI', 'uri'],
  ['email', 'email'],
  ['IP Address', 'ip'],
]);

/**
 * The alternative names of a certificate in the form of configurations (`dns:a.example`); other kinds are left out.
 *
 * Node.js shows them as one list. A value in which something could be taken for another entry stands there as a JSON
 * string, so the list reads in one way.
 */
export function alternativeNames(text: string): string[] {
  const names: string[] = [];
  for (let at = 0; at < text.length;) {
    const colon = text.indexOf(':', at);
    if (colon === -1) break;
    const kind = KINDS.get(text.slice(at, colon));
    const end = entryEnd(text, colon + 1);
    const value = shownValue(text.slice(colon + 1, end));
    // An address of a wrong length is shown in words.
    const isName = kind !== undefined && (kind !== 'ip' || isIP(value) !== 0);
    if (isName) names.push(canonicalAlternativeName(`${kind}:${value}`));
    at = end + 2;
  }
  return names;
}

/** Host names without case, addresses in their one spelling, all else as it is. */
export function canonicalAlternativeName(name: string): string {
  if (name.startsWith('dns:')) return name.toLowerCase();
  if (!name.startsWith('ip:')) return name;
  const address = name.slice('ip:'.length);
  if (!isIPv6(address)) return name;
  return `ip:${new SocketAddress({ address, family: 'ipv6' }).address}`;
}

/** The end of an entry: of the string in quotes, or before the next comma. */
function entryEnd(text: string, from: number): number {
  if (text[from] !== '"') {
    const comma = text.indexOf(', ', from);
    return comma === -1 ? text.length : comma;
  }
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function shownValue(text: string): string {
  return text.startsWith('"') ? String(JSON.parse(text)) : text;
}
