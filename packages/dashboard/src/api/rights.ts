import { useCallback } from 'react';
import { useMe } from './gateway.ts';
import type { Me, Role } from './types.ts';

const ROLES: readonly Role[] = ['viewer', 'editor', 'admin'];

/** Whether somebody has a role, everywhere or in one workspace (`any`: in at least one). */
export function has(
  { role, workspaces }: Pick<Me, 'role' | 'workspaces'>,
  wanted: Role,
  where?: string,
): boolean {
  const isEnough = (one: Role | null | undefined): boolean =>
    one !== null && one !== undefined && ROLES.indexOf(one) >= ROLES.indexOf(wanted);
  if (isEnough(role) || where === undefined) return isEnough(role);
  return where === 'any' ? Object.values(workspaces).some(isEnough) : isEnough(workspaces[where]);
}

/**
 * What we may do, so that no button is shown that the gateway would refuse. The gateway decides all the same: until it is known who we
 * are, and where nobody knows, everything is shown.
 */
export function useMay(): (wanted: Role, where?: string) => boolean {
  const { data: me } = useMe();
  return useCallback((wanted, where) => !me || has(me, wanted, where), [me]);
}
