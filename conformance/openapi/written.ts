// Writes values as clients do (OpenAPI 3.1 §4.8.12.3, RFC 6570).
import { nodeOf, type Node } from './walk.ts';

/** How a parameter is written. */
export interface Notation {
  readonly name: string;
  readonly in: string;
  readonly style: string;
  readonly explode: boolean;
}

/** One pair of a query, a form or of cookies, encoded. */
export type Pair = readonly [name: string, value: string];

/** How a Parameter, Header or Encoding Object wants its values written. */
export function notationOf(name: string, location: string, { style, explode }: Node): Notation {
  const byDefault = location === 'path' || location === 'header' ? 'simple' : 'form';
  const chosen = typeof style === 'string' ? style : byDefault;
  const isExploded = typeof explode === 'boolean' ? explode : chosen === 'form';
  return { name, in: location, style: chosen, explode: isExploded };
}

/** A value in a path or a field, with its own name in the style `matrix`. */
export function textOf(value: unknown, { name, in: location, style, explode }: Notation): string {
  const encode = location === 'header' ? String : encodeURIComponent;
  const prefix = { label: '.', matrix: ';' }[style] ?? '';
  const named = style === 'matrix' ? `${name}=` : '';
  const between = explode && prefix !== '' ? prefix : ',';
  const own = style === 'matrix' && !explode ? named : '';
  if (Array.isArray(value)) {
    const items = value.map((item) => (explode ? named : '') + encode(scalar(item)));
    return prefix + own + items.join(between);
  }
  if (isRecord(value)) {
    const members = Object.entries(value).map(
      ([key, member]) => encode(key) + (explode ? '=' : ',') + encode(scalar(member)),
    );
    return prefix + own + members.join(between);
  }
  return prefix + named + encode(scalar(value));
}

/** A value in a query, a form or in cookies. */
export function pairsOf(value: unknown, { name, style, explode }: Notation): Pair[] {
  const own = encodeURIComponent(name);
  const delimiter = { spaceDelimited: '%20', pipeDelimited: '%7C' }[style] ?? ',';
  if (Array.isArray(value))
    return explode ? value.map((one) => [own, encoded(one)]) : [[own, value.map(encoded).join(delimiter)]];
  if (!isRecord(value)) return [[own, encoded(value)]];
  const members = Object.entries(value);
  if (style === 'deepObject')
    return members.map(([key, member]) => [`${own}%5B${encodeURIComponent(key)}%5D`, encoded(member)]);
  if (explode) return members.map(([key, member]) => [encodeURIComponent(key), encoded(member)]);
  return [[own, members.flat().map(encoded).join(delimiter)]];
}

/** A body of `application/x-www-form-urlencoded`; what is an object in it is JSON, unless it is encoded as a parameter. */
export function urlencoded(value: unknown, encodings: Node): string {
  const pairs = Object.entries(nodeOf(value)).flatMap(([name, member]) => {
    const encoding = nodeOf(encodings[name]);
    if ('style' in encoding || 'explode' in encoding)
      return pairsOf(member, notationOf(name, 'query', encoding));
    return several(member).map((one): Pair => [encodeURIComponent(name), encoded(one)]);
  });
  return pairs.map(([name, text]) => `${name}=${text}`).join('&');
}

/** What is between the parts of forms. */
const BOUNDARY = 'boundary-of-parts';

/** A body of `multipart/form-data`. */
export function multipart(value: unknown): string {
  const parts = Object.entries(nodeOf(value)).flatMap(([name, member]) =>
    several(member).map((one) => {
      const type = isRecord(one) ? '\r\nContent-Type: application/json' : '';
      return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${type}\r\n\r\n${scalar(one)}\r\n`;
    }),
  );
  return `${parts.join('')}--${BOUNDARY}--\r\n`;
}

function encoded(value: unknown): string {
  return encodeURIComponent(scalar(value));
}

/** As the text that it is; what has parts as JSON. */
function scalar(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function several(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
