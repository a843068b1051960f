import type { Headers } from '../../../core/headers.ts';
import type { Directive } from './directives.ts';
import { rememberedReading } from './remembered-reading.ts';
import { gathered, readCacheControl, SAYS_NOTHING, type ResponseDirectives } from './response-directives.ts';
import { parseDictionary, type Member } from './structured-fields.ts';

/** The fields that are for caches like us, the one that counts most first (RFC 9213 §2.2, §3.1). */
const TARGETS = ['turnpike-cdn-cache-control', 'cdn-cache-control'];

/**
 * What a response says about being kept, from the field that counts: the first targeted one that is neither empty nor malformed
 * (RFC 9213 §2.1), else `Cache-Control`. Of services that say the same again and again it is read once.
 */
export function responseDirectivesOf(headers: Headers): ResponseDirectives {
  for (const target of TARGETS) {
    const text = headers.getList(target);
    const directives = text === undefined ? SAYS_NOTHING : readTargeted(text);
    if (directives !== SAYS_NOTHING) return directives;
  }
  const text = headers.getList('cache-control');
  return text === undefined ? SAYS_NOTHING : readCacheControl(text);
}

const readTargeted = rememberedReading((text: string): ResponseDirectives => {
  const members = parseDictionary(text);
  if (members === null || members.size === 0) return SAYS_NOTHING;
  return gathered('targeted', Array.from(members).flatMap(directiveOf));
});

/** A member as the directive that it stands for (RFC 9213 §2.1). A value of a type that makes no sense counts as not well-formed. */
function directiveOf([name, member]: readonly [string, Member]): Directive[] {
  if (member.kind === 'boolean') return member.value ? [{ name, argument: null }] : [];
  if (member.kind === 'integer') return [{ name, argument: String(member.value) }];
  const isNumber = name === 'max-age' || name === 's-maxage' || name.startsWith('stale-');
  const isText = member.kind === 'string' || member.kind === 'token';
  return [{ name, argument: isText && !isNumber ? member.value : '' }];
}
