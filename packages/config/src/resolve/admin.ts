import type { AdminConfig, AdminGrant, AdminLoginConfig, AdminTlsConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { keyPairFiles, pemFile } from './certificate-uses.ts';
import { resolveCertificate } from './consumers.ts';
import type { Context } from './context.ts';

type WrittenAdmin = Exclude<ResolvedDocument['admin'], 'off'>;
type WrittenGrant = Pick<WrittenAdmin['tokens'][number], 'name' | 'role' | 'workspaces'>;

/** The admin API, or `null` when it is off. */
export function resolveAdmin({ admin }: ResolvedDocument, context: Context): AdminConfig | null {
  if (admin === 'off') return null;
  return {
    address: admin.address,
    tls: admin.tls === null ? null : resolveTls(admin.tls, context),
    tokens: admin.tokens.map(({ token, ...grant }) => ({ token, ...resolveGrant(grant) })),
    certificates: admin.certificates.map(({ name, role, workspaces, ...facts }, index) => ({
      ...resolveCertificate(facts, ['admin', 'certificates', index], context),
      ...resolveGrant({ name, role, workspaces }),
    })),
    login: admin.login === null ? null : resolveLogin(admin.login),
    origin: context.originOf('admin'),
  };
}

function resolveGrant({ name, role, workspaces }: WrittenGrant): AdminGrant {
  return { name, role, workspaces: Array.from(workspaces, ([workspace, one]) => ({ workspace, role: one })) };
}

function resolveTls(tls: NonNullable<WrittenAdmin['tls']>, context: Context): AdminTlsConfig {
  const { minVersion, clientCertificates } = tls;
  const file = (member: string, path: string) =>
    pemFile(path, ['admin', 'tls', 'clientCertificates', member], context);
  return {
    ...keyPairFiles(tls, ['admin', 'tls'], context),
    minVersion,
    clientCertificates:
      clientCertificates === null
        ? null
        : {
            authorities: file('authorities', clientCertificates.authorities),
            revocations:
              clientCertificates.revocations === null
                ? null
                : file('revocations', clientCertificates.revocations),
            required: clientCertificates.required,
          },
  };
}

function resolveLogin(login: NonNullable<WrittenAdmin['login']>): AdminLoginConfig {
  const { provider, publicOrigin, claim, nameClaim, roles, workspaces, lifetime } = login;
  return {
    provider,
    publicOrigin,
    claim: claim.split('.'),
    nameClaim: nameClaim.split('.'),
    roles,
    workspaces: Array.from(workspaces, ([workspace, own]) => ({ workspace, roles: own })),
    lifetimeMs: lifetime,
  };
}
