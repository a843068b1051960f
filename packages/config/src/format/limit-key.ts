import type { LimitKeyConfig } from '../resolved.ts';
import { nearest } from '../nearest.ts';
import { claimPath } from './claim.ts';
import { parseCookieName } from './credential.ts';
import { parseFieldName } from './field.ts';
import { type Parsed, refused, understood } from './parsed.ts';

const WORDS = ['ip', 'identity', 'consumer', 'plan', 'route', 'method', 'host'] as const;
const PREFIXES = ['header', 'cookie', 'query', 'path', 'metadata', 'claim', 'rule'];

/** A part of the key of a limit: `ip`, `header:x-tenant`, `claim:org.id`, `rule:request.path.startsWith("/a")`. */
export function parseLimitKey(text: string): Parsed<LimitKeyConfig> {
  const word = WORDS.find((one) => one === text);
  if (word !== undefined) return understood({ kind: word });
  const [, prefix, name = ''] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  if (prefix === undefined) return refused('is not known', guess(text));
  if (name.trim() === '') return refused(`has nothing after ${prefix}:`);
  switch (prefix) {
    case 'header':
      return named(prefix, parseFieldName(name));
    case 'cookie':
      return named(prefix, parseCookieName(name));
    case 'path':
      return /^\w+$/.test(name)
        ? understood({ kind: prefix, name })
        : refused('is not a parameter of a path');
    case 'query':
    case 'metadata':
      return understood({ kind: prefix, name });
    case 'claim':
      return parseClaim(name);
    case 'rule':
      return understood({ kind: prefix, rule: name });
    default: {
      const close = nearest(prefix, PREFIXES);
      return refused(`begins with none of ${PREFIXES.join(':, ')}:`, close && `${close}:${name}`);
    }
  }
}

function named(kind: 'header' | 'cookie', name: Parsed<string>): Parsed<LimitKeyConfig> {
  return name.ok ? understood({ kind, name: name.value }) : name;
}

function parseClaim(text: string): Parsed<LimitKeyConfig> {
  const path = claimPath(text);
  return path.includes('') ? refused('has an empty name in it') : understood({ kind: 'claim', path });
}

/** Names with a hyphen are those of headers. */
function guess(text: string): string | undefined {
  return nearest(text, WORDS) ?? (/^[\w]+(-[\w]+)+$/.test(text) ? `header:${text.toLowerCase()}` : undefined);
}
