import type { Headers } from '../headers.ts';
import { isBlank, trimmed } from './blanks.ts';

/** The value of the first cookie of that name, or undefined. A pair of quotes around it is not part of it. */
export function cookieValue(headers: Headers, name: string): string | undefined {
  return cookieValues(headers, name)[0];
}

/** The values of all cookies of that name, in the order in which they came (RFC 6265 §4.2), over all `Cookie` fields. */
export function cookieValues(headers: Headers, name: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < headers.size; i++) {
    if (headers.names[i]?.lower === 'cookie') collect(headers.values[i] ?? '', name, found);
  }
  return found;
}

/** The names of all cookies that begin with `prefix`, in the order in which they came. */
export function cookieNames(headers: Headers, prefix: string): string[] {
  const fields = headers.values.filter((_, i) => headers.names[i]?.lower === 'cookie');
  const pairs = fields.flatMap((field) => field.split(';').map(trimmed));
  return pairs.map(nameOf).filter((name) => name.startsWith(prefix));
}

/** All cookies as one text; HTTP/2 may bring each in a field of its own (RFC 9113 §8.2.3). Undefined without any. */
export function cookieText(headers: Headers): string | undefined {
  const fields = headers.values.filter((_, i) => headers.names[i]?.lower === 'cookie');
  return fields.length === 0 ? undefined : fields.join('; ');
}

/** Takes cookies away, by their names. What is left keeps its order and its bytes. */
export function deleteCookies(headers: Headers, isUnwanted: (name: string) => boolean): void {
  const before: string[] = [];
  const after: string[] = [];
  for (let i = 0; i < headers.size; i++) {
    if (headers.names[i]?.lower !== 'cookie') continue;
    const field = headers.values[i] ?? '';
    const pairs = field.split(';').map(trimmed);
    const kept = pairs.filter((pair) => !isUnwanted(nameOf(pair)));
    before.push(field);
    if (kept.length === pairs.length) after.push(field);
    else if (kept.length > 0) after.push(kept.join('; '));
  }
  if (before.every((field, i) => field === after[i])) return;
  headers.delete('cookie');
  for (const field of after) headers.append('Cookie', field);
}

function collect(text: string, name: string, found: string[]): void {
  for (let at = 0; at < text.length;) {
    const semicolon = text.indexOf(';', at);
    const end = semicolon === -1 ? text.length : semicolon;
    while (isBlank(text.charCodeAt(at))) at++;
    const isNamed = text[at + name.length] === '=' && text.startsWith(name, at);
    if (isNamed) found.push(unquoted(trimmed(text.slice(at + name.length + 1, end))));
    at = end + 1;
  }
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=');
  return equals === -1 ? '' : pair.slice(0, equals);
}

/** RFC 6265 §4.1.1 lets a value stand in quotes; some libraries write them, few mean them. */
function unquoted(value: string): string {
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
  return isQuoted ? value.slice(1, -1) : value;
}
