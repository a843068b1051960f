import type { Headers } from '../../../core/headers.ts';
import { isToken } from '../../../core/http/token.ts';

/** Responses that vary by more fields are not stored. */
const MOST_FIELDS = 16;

/**
 * The request fields by which a response varies, in lower case, sorted, each once (RFC 9110 §12.5.5). Null for one that must not be
 * given to any other request: it varies by everything (RFC 9111 §4.1), by too much, or by what is no field.
 */
export function varyingFields(headers: Headers): readonly string[] | null {
  const text = headers.getList('vary');
  if (text === undefined) return [];
  const names = new Set<string>();
  for (const part of text.split(',')) {
    const name = part.trim().toLowerCase();
    if (name === '') continue;
    if (name === '*' || !isToken(name) || names.size === MOST_FIELDS) return null;
    names.add(name);
  }
  return [...names].sort();
}
