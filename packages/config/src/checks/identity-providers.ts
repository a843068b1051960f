import type { Draft } from '../issue.ts';
import { CONSUMERS } from '../resolve/access-policies.ts';
import type { RouteConfig } from '../resolved.ts';
import type { Check } from './check.ts';

/** No provider has the name that means the consumers. */
export const providersAreNotConsumers: Check = ({ identityProviders }) =>
  identityProviders
    .filter(({ id }) => id === CONSUMERS)
    .map(({ id }): Draft => {
      const message = `identityProviders.${id}: the name is taken: in authenticate.with it means those of the section consumers; choose another`;
      return { code: 'CONFLICT', message, path: ['identityProviders', id], at: 'key' };
    });

/** A provider accepts some signature. */
export const signaturesAreAccepted: Check = ({ identityProviders }) =>
  identityProviders
    .filter(({ algorithms }) => algorithms.length === 0)
    .map(({ id }): Draft => {
      const message = `identityProviders.${id}: algorithms is empty, so no token could be accepted; leave it out, or list some`;
      return { code: 'BAD_VALUE', message, path: ['identityProviders', id, 'algorithms'] };
    });

/**
 * Tokens are for us: an issuer gives tokens for others too, and whoever gets one could use it here. ID tokens are for the
 * client of the login; they get into addresses of pages, and many look like access tokens but for that.
 */
export const audiencesAreNamed: Check = ({ identityProviders, routes }) => {
  const used = usedProviders(routes);
  return identityProviders.flatMap(({ id, audiences, login, tokenType }): Draft[] => {
    if (!used.has(id)) return [];
    if (login !== null && tokenType === 'any' && audiences.includes(login.clientId)) {
      const message = `identityProviders.${id}: audiences has the client of the login, so the ID tokens of browsers are accepted as access tokens; let access tokens be for another audience, or set tokenType to at+jwt`;
      const path = ['identityProviders', id, 'audiences'];
      return [{ code: 'INSECURE', message, path, severity: 'warning' }];
    }
    if (audiences.length > 0) return [];
    const message = `identityProviders.${id}: without audiences every token of the issuer is accepted, also those for others; name ours`;
    return [{ code: 'INSECURE', message, path: ['identityProviders', id], at: 'key', severity: 'warning' }];
  });
};

/** A login is used: some route sends browsers to it. */
export const loginsAreUsed: Check = ({ identityProviders, routes, admin }) => {
  const used = new Set([...usedProviders(routes), admin?.login?.provider]);
  return identityProviders.flatMap(({ id, login }): Draft[] => {
    if (login === null || used.has(id)) return [];
    const message = `identityProviders.${id}: no route sends browsers to this login; name ${id} in authenticate.with of one`;
    const path = ['identityProviders', id, 'login'];
    return [{ code: 'NO_EFFECT', message, path, at: 'key', severity: 'warning' }];
  });
};

function usedProviders(routes: readonly RouteConfig[]): ReadonlySet<string> {
  return new Set(routes.flatMap(({ policies }) => policies.authenticate?.providers ?? []));
}
