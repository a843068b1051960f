/** What somebody may do: each includes those before. */
export const ROLES = ['viewer', 'editor', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Whoever calls the admin API. */
export interface Caller {
  /** For the audit log: the name of a token, the subject of a login, `loopback`. */
  readonly name: string;
  readonly via: 'loopback' | 'token' | 'session' | 'certificate';
  /** In every workspace and outside of them; `null`: only in those below. */
  readonly role: Role | null;
  readonly workspaces: ReadonlyMap<string, Role>;
}

/** Whether a caller may do what needs a role in a workspace; `null`: outside of all workspaces. */
export function mayAct({ role, workspaces }: Caller, needed: Role, workspace: string | null): boolean {
  const own = workspace === null ? null : (workspaces.get(workspace) ?? null);
  return [role, own].some((held) => held !== null && ROLES.indexOf(held) >= ROLES.indexOf(needed));
}

/** Part of the gateway for one team. Names of objects stay unique over all of them. */
export interface Workspace {
  readonly name: string;
  readonly description: string;
  /** Hosts that routes of it may take, such as `*.team.example`; empty: any. */
  readonly hosts: readonly string[];
  /** Beginnings of paths that routes of it may take, such as `/team/`; empty: any. */
  readonly paths: readonly string[];
}
