import { type Caller, mayAct, type Role } from '../domain/callers.ts';
import type { Place } from './operation.ts';

/** Whoever has not said who they are. */
export const NOBODY: Caller = { name: '', via: 'token', role: null, workspaces: new Map() };

/** Whether a caller has a role where it is needed. */
export function mayIn(caller: Caller, role: Role, place: Place): boolean {
  switch (place.kind) {
    case 'everywhere':
      return mayAct(caller, role, null);
    case 'workspace':
      return mayAct(caller, role, place.name);
    case 'any':
      return mayAnywhere(caller, role);
    default:
      return place satisfies never;
  }
}

/** Whether there is any place where a caller has a role: who has none is refused before anything is read of the request. */
export function mayAnywhere(caller: Caller, role: Role): boolean {
  return (
    mayAct(caller, role, null) || [...caller.workspaces.keys()].some((name) => mayAct(caller, role, name))
  );
}

/** Workspaces in which a caller has a role; null: all of them. */
export function workspacesOf(caller: Caller, role: Role): readonly string[] | null {
  if (mayAct(caller, role, null)) return null;
  return [...caller.workspaces.keys()].filter((name) => mayAct(caller, role, name));
}

/** Everywhere, for operations that are above all workspaces. */
export const everywhere = (): Place => ({ kind: 'everywhere' });

/** Anywhere, for lists of what one may see. */
export const anywhere = (): Place => ({ kind: 'any' });

/** In one workspace, if one is named. */
export function inNamed({ query }: { readonly query: { readonly workspace?: string } }): Place {
  return query.workspace === undefined ? anywhere() : { kind: 'workspace', name: query.workspace };
}
