import { nearest } from '../nearest.ts';
import type { HashKeyConfig } from '../resolved.ts';
import { parseCookieName } from './credential.ts';
import { parseFieldName } from './field.ts';
import { type Parsed, refused, understood } from './parsed.ts';

const WORDS = ['ip', 'identity', 'path'] as const;

/** What of a request chooses its endpoint: `ip`, `identity`, `path`, `header:x-user`, `cookie:sid`, `query:id`. */
export function parseHashKey(text: string): Parsed<HashKeyConfig> {
  const word = WORDS.find((one) => one === text);
  if (word !== undefined) return understood({ kind: word });
  const [, kind, name = ''] = /^(header|cookie|query):(.*)$/s.exec(text) ?? [];
  if (kind === 'header') return named(kind, parseFieldName(name));
  if (kind === 'cookie') return named(kind, parseCookieName(name));
  if (kind !== 'query') return refused('is not known', nearest(text, WORDS));
  return name === '' ? refused('has nothing after query:') : understood({ kind, name });
}

function named(kind: 'header' | 'cookie', name: Parsed<string>): Parsed<HashKeyConfig> {
  return name.ok ? understood({ kind, name: name.value }) : name;
}
