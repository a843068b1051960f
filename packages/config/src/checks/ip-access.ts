import type { Draft } from '../issue.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf, unknownName } from './unknown-name.ts';

/** Address rules name lists that exist. */
export const listsExist: PolicyCheck = ({ path, policies: { ipAccess } }, { lists }, referenceAt) => {
  if (ipAccess === null || ipAccess === 'off') return [];
  const known = new Set(lists.map(({ id }) => id));
  return Object.entries({ allow: ipAccess.allow ?? [], deny: ipAccess.deny }).flatMap(([key, rules]) =>
    rules.flatMap((rule, index): Draft[] => {
      if (!('list' in rule) || known.has(rule.list)) return [];
      const at = [...path, 'ipAccess', key, index];
      return [
        withAt(
          unknownName({ kind: 'list', section: 'lists', name: rule.list, path: at }, known, referenceAt),
        ),
      ];
    }),
  );
};

/** A suggestion takes the place of what was written, and that began with @. */
function withAt(draft: Draft): Draft {
  return draft.suggestion === undefined ? draft : { ...draft, suggestion: `@${draft.suggestion}` };
}

/** An address policy says something, and lets somebody in. */
export const addressesAreGiven: PolicyCheck = ({ path, policies: { ipAccess } }) => {
  if (ipAccess === null || ipAccess === 'off') return [];
  const { allow, deny } = ipAccess;
  if (allow?.length === 0) {
    const message = `${ownerOf(path)}: ipAccess.allow is empty, so nobody could come in; leave it out, or list somebody`;
    return [{ code: 'BAD_VALUE', message, path: [...path, 'ipAccess', 'allow'] }];
  }
  if (allow !== null || deny.length > 0) return [];
  const message = `${ownerOf(path)}: ipAccess turns nobody away; give it allow or deny`;
  return [{ code: 'MISSING_KEY', message, path: [...path, 'ipAccess'], at: 'key' }];
};
