import type { AdminGrant, AdminRole } from '@turnpike/config';

/** Whoever calls the admin API. */
export interface AdminCaller {
  /** For the audit log: the name of a token, the subject of a login, `loopback`. */
  readonly name: string;
  readonly via: 'loopback' | 'token' | 'session' | 'certificate';
  /** In every workspace and outside of them; null: only in those below. */
  readonly role: AdminRole | null;
  readonly workspaces: ReadonlyMap<string, AdminRole>;
}

/** Who may do what: everyone may do what those before may. */
const RANK: Readonly<Record<AdminRole, number>> = { viewer: 0, editor: 1, admin: 2 };

/** Whether a role includes another. */
export function covers(role: AdminRole | null, needed: AdminRole): boolean {
  return role !== null && RANK[role] >= RANK[needed];
}

/** Without credentials the admin API is for this machine, and who is on it may do everything. */
export const LOOPBACK_CALLER: AdminCaller = {
  name: 'loopback',
  via: 'loopback',
  role: 'admin',
  workspaces: new Map(),
};

/** Somebody to whom the configuration gives something. */
export function callerOf(grant: AdminGrant, via: AdminCaller['via'], otherwise: string): AdminCaller {
  const workspaces = new Map(grant.workspaces.map(({ workspace, role }) => [workspace, role]));
  return { name: grant.name ?? otherwise, via, role: grant.role, workspaces };
}
