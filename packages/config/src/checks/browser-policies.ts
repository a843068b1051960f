import type { Draft } from '../issue.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf } from './unknown-name.ts';

/** Some pages may do something. */
export const originsAreGiven: PolicyCheck = ({ path, policies: { cors } }) => {
  if (cors === null || cors === 'off' || cors.origins.length > 0) return [];
  const message = `${ownerOf(path)}: cors.origins is empty, so no page may do anything; name some, or write cors: off`;
  return [{ code: 'BAD_VALUE', message, path: [...path, 'cors', 'origins'] }];
};

/** Credentials go to pages that are named: any page of the web could act as its visitor otherwise. */
export const credentialsGoToNamedOrigins: PolicyCheck = ({ path, policies: { cors } }) => {
  if (cors === null || cors === 'off' || !cors.credentials) return [];
  const at = [...path, 'cors'];
  const owner = ownerOf(path);
  const drafts: Draft[] = [];
  if (cors.origins.includes('*')) {
    const message = `${owner}: cors lets every page act with the credentials of who visits it; name the origins, or remove credentials`;
    drafts.push({ code: 'CONFLICT', message, path: [...at, 'origins'] });
  }
  if (cors.exposeHeaders.includes('*')) {
    const message = `${owner}: with credentials browsers take a * of cors.exposeHeaders for a name; list the headers`;
    drafts.push({ code: 'CONFLICT', message, path: [...at, 'exposeHeaders'] });
  }
  return drafts;
};
