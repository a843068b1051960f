import { type GatewayConfig, type Issue, pointerOf, type RouteConfig, servicesOf } from '@turnpike/config';
import type { Workspace } from './callers.ts';
import { DEFAULT_WORKSPACE, type Kind, type ObjectRef, type StoredObject } from './objects.ts';
import { hostCovers } from './risks/reach.ts';
import { nameOf, placeOf } from './sources.ts';

/** What workspaces are held to. */
export interface Holding {
  readonly objects: readonly StoredObject[];
  readonly workspaces: readonly Workspace[];
  /** Where a file has a name, it is not the object's. */
  readonly isInFiles: (ref: ObjectRef) => boolean;
}

/**
 * Where objects go beyond their workspace: routes with hosts or paths that it does not have, and names of objects of others.
 *
 * Looks at what the configuration means, so neither a reference nor another notation leads around it.
 */
export function workspaceIssues(config: GatewayConfig, { objects, workspaces, isInFiles }: Holding): Issue[] {
  // Most gateways have one workspace, which has no bounds; ten thousand objects need not be looked at for that.
  if (isOneWithoutBounds(objects, workspaces)) return [];
  const used = objects.filter((object) => !isInFiles(object));
  const byPlace = new Map(used.map((object) => [placeOf(object), object]));
  const byName = new Map(used.map((object) => [nameOf(object), object]));
  const bounds = new Map(workspaces.map((workspace) => [workspace.name, workspace]));
  const ofCertificates = config.certificates.flatMap(({ names, origin }): Issue[] => {
    const object = byPlace.get(origin.file);
    const workspace = object && bounds.get(object.workspace);
    return object === undefined || workspace === undefined ? [] : nameIssues(names, object, workspace);
  });
  const ofRoutes = config.routes.flatMap((route): Issue[] => {
    const object = byPlace.get(route.origin.file);
    if (object === undefined) return [];
    const workspace = bounds.get(object.workspace);
    return [
      ...(workspace === undefined ? [] : boundIssues(route, object, workspace)),
      ...strangersOf(route).flatMap((name) => {
        const other = byName.get(name);
        return other === undefined || mayName(object, other) ? [] : [stranger(object, other)];
      }),
    ];
  });
  return [...ofCertificates, ...ofRoutes];
}

/** Whoever has some hosts only must not answer for others in handshakes either. */
function nameIssues(names: readonly string[], object: StoredObject, { name, hosts }: Workspace): Issue[] {
  const strange = names.filter((one) => !hosts.some((own) => hostCovers(own.toLowerCase(), one)));
  if (hosts.length === 0 || (strange.length === 0 && names.length > 0)) return [];
  const what = names.length === 0 ? 'has no host names' : `is for ${strange.slice(0, 10).join(', ')}`;
  return [issueOf(object, `${nameOf(object)}: ${what}, but the workspace ${name} has ${hosts.join(', ')}`)];
}

function isOneWithoutBounds(objects: readonly StoredObject[], workspaces: readonly Workspace[]): boolean {
  return (
    objects.every(({ workspace }) => workspace === DEFAULT_WORKSPACE) &&
    workspaces.every(({ name }) => name !== DEFAULT_WORKSPACE)
  );
}

/** Objects name those of their own workspace, of the default one and of files. */
function mayName(object: StoredObject, other: StoredObject): boolean {
  return other.workspace === object.workspace || other.workspace === DEFAULT_WORKSPACE;
}

function boundIssues({ match, target }: RouteConfig, object: StoredObject, bound: Workspace): Issue[] {
  // It is at a place that a standard gives it, for the sake of a route that was looked at.
  if (target.kind === 'protected-resource') return [];
  const hosts = match.hosts.length === 0 ? ['*'] : match.hosts;
  const strange = hosts.filter((host) => !bound.hosts.some((own) => hostCovers(own.toLowerCase(), host)));
  const isOutside = bound.paths.length > 0 && !bound.paths.some((path) => isBelow(match.path, path));
  const name = nameOf(object);
  const issues: string[] = [];
  if (bound.hosts.length > 0 && strange.length > 0 && target.kind !== 'login')
    issues.push(
      `${name}: takes ${hostsText(strange)}, but the workspace ${bound.name} has ${bound.hosts.join(', ')}`,
    );
  if (isOutside)
    issues.push(
      `${name}: takes ${match.path}, but the workspace ${bound.name} has paths below ${bound.paths.join(', ')}`,
    );
  return issues.map((message) => issueOf(object, message));
}

function hostsText(hosts: readonly string[]): string {
  return hosts.includes('*') ? 'requests for any host' : hosts.join(', ');
}

/** `/team/` is the beginning of `/team/a` and of `/team` alone. */
function isBelow(path: string, beginning: string): boolean {
  return path.startsWith(beginning) || `${path}/` === beginning;
}

/** What a route names, as `services.users`. */
function strangersOf({ target, policies }: RouteConfig): string[] {
  const { authenticate, fallback, ipAccess, mirror, upstreamCredentials } = policies;
  return [
    ...namesOf('services', servicesOf(target)),
    ...(fallback?.kind === 'service' ? namesOf('services', [fallback.service]) : []),
    ...(mirror === null ? [] : namesOf('services', [mirror.service])),
    ...namesOf('identityProviders', authenticate?.providers ?? []),
    ...(upstreamCredentials === null ? [] : namesOf('identityProviders', [upstreamCredentials.provider])),
    ...namesOf('lists', [...(ipAccess?.allow?.lists ?? []), ...(ipAccess?.deny.lists ?? [])]),
  ];
}

function namesOf(kind: Kind, all: readonly string[]): string[] {
  return all.map((name) => nameOf({ kind, name }));
}

function stranger(object: StoredObject, other: StoredObject): Issue {
  const message = `${nameOf(object)}: names ${nameOf(other)}, which belongs to the workspace ${other.workspace}; objects name those of their own workspace, of ${DEFAULT_WORKSPACE} and of files`;
  return issueOf(object, message);
}

function issueOf(object: StoredObject, message: string): Issue {
  return {
    code: 'NOT_ALLOWED',
    message,
    file: placeOf(object),
    line: 1,
    column: 1,
    pointer: pointerOf([object.kind, object.name]),
    severity: 'error',
  };
}
