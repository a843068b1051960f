import { nearest } from '../nearest.ts';
import { type Parsed, refused, understood } from './parsed.ts';

const PLACEHOLDER = /\{([^{}]*)\}/g;

const WORDS = [
  'method',
  'host',
  'route',
  'request.id',
  'client.address',
  'identity.subject',
  'identity.consumer',
  'identity.plan',
  'identity.scopes',
];
const PREFIXES = ['header.', 'cookie.', 'query.', 'path.', 'identity.claims.', 'identity.metadata.'];

/**
 * Text with placeholders for what a request says: `{header.NAME}`, `{cookie.NAME}`, `{query.NAME}`, `{path.NAME}`,
 * `{identity.subject}`, `{identity.claims.a.b}` and more. It becomes one line of a header or a log.
 */
export function parseRequestTemplate(text: string): Parsed<string> {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(text))
    return refused('has a line break, a control character or text outside Latin-1');
  if (/[{}]/.test(text.replaceAll(PLACEHOLDER, '')))
    return refused('has a brace that opens or closes nothing');
  for (const [, inner = ''] of text.matchAll(PLACEHOLDER)) {
    if (isKnown(inner)) continue;
    const close = nearest(inner, WORDS);
    const others = [...WORDS, ...PREFIXES.map((prefix) => `${prefix}NAME`)].map((name) => `{${name}}`);
    return refused(
      `has {${inner}}, which is none of ${others.join(', ')}`,
      close && text.replace(`{${inner}}`, `{${close}}`),
    );
  }
  return understood(text);
}

function isKnown(inner: string): boolean {
  if (WORDS.includes(inner)) return true;
  const prefix = PREFIXES.find((one) => inner.startsWith(one) && inner.length > one.length);
  return prefix !== undefined && !/\s/.test(inner);
}
