import type { Draft } from '../issue.ts';
import { CONSUMERS, several } from '../resolve/access-policies.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf, PROVIDER, unknownName } from './unknown-name.ts';

/** Callers can prove who they are: by identity providers that exist, or as consumers. */
export const waysExist: PolicyCheck = ({ path, policies }, { identityProviders }, referenceAt) => {
  const { authenticate } = policies;
  if (authenticate === null || authenticate === 'off') return [];
  const known = new Set([...identityProviders.map(({ id }) => id), CONSUMERS]);
  const at = [...path, 'authenticate', 'with'];
  const isList = typeof authenticate.with !== 'string';
  return several(authenticate.with).flatMap((name, index): Draft[] => {
    // An empty one is reported by the schema.
    if (known.has(name) || name === '') return [];
    const place = isList ? [...at, index] : at;
    return [unknownName({ ...PROVIDER, name, path: place }, known, referenceAt)];
  });
};

/** Callers have at least one way to prove who they are, and one that somebody can use. */
export const waysAreGiven: PolicyCheck = ({ path, policies: { authenticate } }, { consumers }) => {
  if (authenticate === null || authenticate === 'off') return [];
  const ways = several(authenticate.with);
  const at = [...path, 'authenticate', 'with'];
  if (ways.length === 0) {
    const message = `${ownerOf(path)}: authenticate.with is empty, so nobody could prove anything; name an identity provider or consumers`;
    return [{ code: 'BAD_VALUE', message, path: at }];
  }
  if (!ways.includes(CONSUMERS) || consumers.length > 0) return [];
  const message = `${ownerOf(path)}: authenticate.with names consumers, but none are configured`;
  return [{ code: 'NO_EFFECT', message, path: at, severity: 'warning' }];
};

/** Tokens are judged by the provider whose issuer they name, so there is one of an issuer. */
export const issuersDiffer: PolicyCheck = ({ path, policies: { authenticate } }, { identityProviders }) => {
  if (authenticate === null || authenticate === 'off') return [];
  const ways = new Set(several(authenticate.with));
  const owners = new Map<string, string>();
  return identityProviders.flatMap(({ id, issuer }): Draft[] => {
    if (!ways.has(id)) return [];
    const owner = owners.get(issuer);
    owners.set(issuer, owner ?? id);
    if (owner === undefined) return [];
    const message = `${ownerOf(path)}: ${owner} and ${id} have the same issuer, so nobody knows which is to judge a token; keep one`;
    return [{ code: 'CONFLICT', message, path: [...path, 'authenticate', 'with'] }];
  });
};

/** Browsers are sent to one login only, so of several the choice is ours: better that it is theirs. */
export const loginIsOne: PolicyCheck = ({ path, policies: { authenticate } }, { identityProviders }) => {
  if (authenticate === null || authenticate === 'off') return [];
  const ways = several(authenticate.with);
  const logins = ways.filter((name) =>
    identityProviders.some(({ id, login }) => id === name && login !== null),
  );
  if (logins.length < 2) return [];
  const message = `${ownerOf(path)}: ${logins.join(' and ')} have a login; browsers without session are sent to ${logins[0]}`;
  return [{ code: 'NO_EFFECT', message, path: [...path, 'authenticate', 'with'], severity: 'warning' }];
};
