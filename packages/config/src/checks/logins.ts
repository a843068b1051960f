import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { GatewayConfig, LoginConfig } from '../resolved.ts';
import type { Check } from './check.ts';

interface Login {
  readonly provider: string;
  readonly login: LoginConfig;
  readonly path: Path;
}

function loginsOf({ identityProviders }: GatewayConfig): Login[] {
  return identityProviders.flatMap(({ id, login }) =>
    login === null ? [] : [{ provider: id, login, path: ['identityProviders', id, 'login'] }],
  );
}

/** Sessions are encrypted with something. */
export const sessionsHaveSecrets: Check = (config) =>
  loginsOf(config)
    .filter(({ login }) => login.session.secrets.length === 0)
    .map(({ provider, path }): Draft => {
      const message = `identityProviders.${provider}: login.session.secret is an empty list; give it at least one secret`;
      return { code: 'BAD_VALUE', message, path: [...path, 'session', 'secret'] };
    });

/** Each path of a login has one meaning, and each cookie one login. */
export const loginsDiffer: Check = (config) => {
  const owners = new Map<string, string>();
  return loginsOf(config).flatMap(({ provider, login, path }) => {
    const { callbackPath, logoutPath, backchannelLogoutPath, session } = login;
    const places: [string, string | null, Path][] = [
      ['path', callbackPath, ['callbackPath']],
      ['path', logoutPath, ['logoutPath']],
      ['path', backchannelLogoutPath, ['backchannelLogoutPath']],
      ['cookie', session.cookie, ['session', 'cookie']],
    ];
    return places.flatMap(([kind, value, below]): Draft[] => {
      const key = `${kind} ${value}`;
      const owner = owners.get(key);
      const name = `identityProviders.${provider}.login.${below.join('.')}`;
      owners.set(key, owner ?? name);
      if (value === null || owner === undefined) return [];
      const message = `${name}: is the same as ${owner}; give one of them another ${kind}`;
      return [{ code: 'CONFLICT', message, path: [...path, ...below] }];
    });
  });
};

const HOST_PREFIX = '__Host-';

/** The prefix makes browsers refuse a cookie that came without TLS or from a subdomain (RFC 6265bis §4.1.3). */
export const cookiesAreOurs: Check = (config) =>
  loginsOf(config).flatMap(({ provider, login, path }): Draft[] => {
    if (login.session.cookie.startsWith(HOST_PREFIX)) return [];
    const message = `identityProviders.${provider}: without the prefix ${HOST_PREFIX} a subdomain can plant the session cookie in a browser; put it in front of the name`;
    return [{ code: 'INSECURE', message, path: [...path, 'session', 'cookie'], severity: 'warning' }];
  });
