import { isAscii, isUtf8 } from 'node:buffer';
import { latin1 } from '../../../core/latin1.ts';

/** How the messages of a request are written. */
export type BodyType = 'json' | 'lines' | 'other';

/** What a body is said to be. JSON is UTF-8 and nothing else (RFC 8259 §8.1); a body without a type is none that we know. */
export function bodyTypeOf(contentType: string | undefined): BodyType {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (!parameters.every(isUtf8Parameter)) return 'other';
  const name = type.trim();
  if (LINES.has(name)) return 'lines';
  return /^application\/(?:[\w.-]+\+)?json$/.test(name) ? 'json' : 'other';
}

const LINES: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
]);

function isUtf8Parameter(parameter: string): boolean {
  const [name, value = ''] = parameter.trim().split('=');
  return name !== 'charset' || /^"?utf-?8"?$/.test(value);
}

/** Bytes as text, or null if they are no UTF-8. */
export function textOf(bytes: Buffer): string | null {
  if (isAscii(bytes)) return latin1(bytes, 0, bytes.length);
  return isUtf8(bytes) ? bytes.toString() : null;
}
