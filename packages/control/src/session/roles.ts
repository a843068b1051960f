import type { AdminLoginConfig, AdminRoleClaims } from '@turnpike/config';
import { ROLES, type Caller, type Role } from '../domain/callers.ts';
import type { Claims } from '../gateway-port.ts';

/** Who somebody is after a login, and what that may do; null: nothing at all. */
export function callerFrom(claims: Claims, login: AdminLoginConfig): Caller | null {
  const groups = textsOf(claimAt(claims, login.claim));
  const role = roleFor(groups, login.roles);
  const workspaces = login.workspaces.flatMap(({ workspace, roles }): [string, Role][] => {
    const own = roleFor(groups, roles);
    return own === null ? [] : [[workspace, own]];
  });
  if (role === null && workspaces.length === 0) return null;
  const [name = 'nobody'] = [...textsOf(claimAt(claims, login.nameClaim)), ...textsOf(claims['sub'])];
  return { name: name.slice(0, LONGEST_NAME), via: 'session', role, workspaces: new Map(workspaces) };
}

const LONGEST_NAME = 200;

/** The best that any of the groups gives. */
function roleFor(groups: readonly string[], claims: AdminRoleClaims): Role | null {
  const given = ROLES.filter((role) => claims[role].some((value) => value === '*' || groups.includes(value)));
  return given.at(-1) ?? null;
}

/** Only own members lead on. */
function claimAt(claims: Claims, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

/** A list, or texts with spaces between, as scopes have. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.includes(' ') ? [value, ...value.split(' ')] : [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
