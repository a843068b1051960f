import type { ClientCertificateConfig } from './identity.ts';
import type { KeyPairFiles, Origin, PemFile, SocketAddress } from './places.ts';

/** The admin API. Holds secrets. */
export interface AdminConfig {
  readonly address: SocketAddress;
  readonly tls: AdminTlsConfig | null;
  readonly tokens: readonly AdminTokenConfig[];
  readonly certificates: readonly (ClientCertificateConfig & AdminGrant)[];
  readonly login: AdminLoginConfig | null;
  readonly origin: Origin;
}

/** How the admin API speaks TLS. */
export interface AdminTlsConfig extends KeyPairFiles {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly clientCertificates: {
    readonly authorities: PemFile;
    readonly revocations: PemFile | null;
    readonly required: boolean;
  } | null;
}

/** Who somebody is, and what that may do. */
export interface AdminGrant {
  /** For the audit log. */
  readonly name: string | null;
  /** Everywhere; null: only in workspaces. */
  readonly role: AdminRole | null;
  readonly workspaces: readonly { readonly workspace: string; readonly role: AdminRole }[];
}

/** How people log in. */
export interface AdminLoginConfig {
  readonly provider: string;
  readonly publicOrigin: string | null;
  /** Path of a claim. */
  readonly claim: readonly string[];
  readonly nameClaim: readonly string[];
  readonly roles: AdminRoleClaims;
  readonly workspaces: readonly { readonly workspace: string; readonly roles: AdminRoleClaims }[];
  readonly lifetimeMs: number;
}

/** Values of a claim by the role that they give; `*` is everybody. */
export type AdminRoleClaims = Readonly<Record<AdminRole, readonly string[]>>;

/** A token that the configuration has. */
export interface AdminTokenConfig extends AdminGrant {
  readonly token: string;
}

/** What a caller of the admin API may do. */
export type AdminRole = 'viewer' | 'editor' | 'admin';
