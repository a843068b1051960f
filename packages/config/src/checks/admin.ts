import { isLoopback } from '../format/ip.ts';
import type { Draft } from '../issue.ts';
import type { AdminConfig } from '../resolved.ts';
import type { Check } from './check.ts';
import { PROVIDER, unknownName } from './unknown-name.ts';

/** Whoever reaches the admin API without credentials may do everything, so only this machine may reach it. */
export const adminIsGuarded: Check = ({ admin }, referenceAt) => {
  if (admin === null || hasCredentials(admin) || isLoopback(admin.address.host)) return [];
  const message =
    'admin.address: without tokens the admin API must listen on loopback; add tokens, or use 127.0.0.1';
  const path = ['admin', 'address'];
  return [
    {
      code: 'ADMIN_EXPOSED',
      message,
      path,
      suggestion: referenceAt(path) === undefined ? `127.0.0.1:${admin.address.port}` : undefined,
    },
  ];
};

function hasCredentials({ tokens, certificates, login }: AdminConfig): boolean {
  return tokens.length > 0 || certificates.length > 0 || login !== null;
}

/** Somebody who may do nothing anywhere was meant to do something. */
export const callersMayDoSomething: Check = ({ admin }) =>
  (['tokens', 'certificates'] as const).flatMap((section) =>
    (admin?.[section] ?? []).flatMap(({ role, workspaces }, index): Draft[] => {
      if (role !== null || workspaces.length > 0) return [];
      const message = `admin.${section}.${index}: may do nothing; give it a role, or workspaces`;
      return [{ code: 'MISSING_KEY', message, path: ['admin', section, index] }];
    }),
  );

/** Certificates are asked for where callers are known by them. */
export const adminAsksForCertificates: Check = ({ admin }) => {
  if (admin === null || admin.certificates.length === 0) return [];
  if (admin.tls !== null && admin.tls.clientCertificates !== null) return [];
  const message =
    'admin.certificates: nobody is asked for a certificate; add admin.tls with clientCertificates.authorities';
  return [{ code: 'CONFLICT', message, path: ['admin', 'certificates'], at: 'key' }];
};

/** Who logs in does so at a provider that has a login, and somebody may come in. */
export const adminLoginIsClear: Check = ({ admin, identityProviders }, referenceAt) => {
  if (admin === null || admin.login === null) return [];
  const { provider: name, roles, workspaces } = admin.login;
  const path = ['admin', 'login', 'provider'];
  const provider = identityProviders.find(({ id }) => id === name);
  if (provider === undefined) {
    const known = new Set(identityProviders.map(({ id }) => id));
    return [unknownName({ ...PROVIDER, name, path }, known, referenceAt)];
  }
  const drafts: Draft[] = [];
  if (provider.login === null) {
    const message = `admin.login: identityProviders.${name} has no login; give it one with clientId and clientSecret`;
    drafts.push({ code: 'CONFLICT', message, path });
  }
  const given = [roles, ...workspaces.map((one) => one.roles)].flatMap((one) => Object.values(one).flat());
  if (given.length === 0) {
    const message = 'admin.login: gives nobody a role; add roles, such as { viewer: ["*"] }';
    drafts.push({ code: 'MISSING_KEY', message, path: ['admin', 'login'] });
  }
  return drafts;
};
