import type { Headers } from '../../../core/headers.ts';
import { isToken } from '../../../core/http/token.ts';
import { rememberedReading } from './remembered-reading.ts';
import { normalisedEncodings, normalisedLanguages, withoutListSpace } from './selecting-fields.ts';

/** Responses that vary by more fields are not stored. */
const MOST_FIELDS = 16;

/** Their values are names and secrets, in which every byte counts. */
const VERBATIM = new Set(['authorization', 'cookie']);

const languages = rememberedReading(normalisedLanguages);
const encodings = rememberedReading(normalisedEncodings);

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

/**
 * What a request has in the fields by which responses vary, as one text that is the same for all requests that mean the same
 * (RFC 9111 §4.1). To have no such field is something else than to have an empty one. Values have no line feeds, so a line is one field.
 */
export function variantText(names: readonly string[], headers: Headers): string {
  let text = '';
  for (const name of names) {
    const value = headers.getList(name);
    text += value === undefined ? '\n-' : `\n=${normalised(name, value)}`;
  }
  return text;
}

function normalised(name: string, value: string): string {
  if (name === 'accept-encoding') return encodings(value);
  if (name === 'accept-language') return languages(value);
  return VERBATIM.has(name) ? value.trim() : withoutListSpace(value);
}
