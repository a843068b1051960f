import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import { parametersOf } from '../format/path-pattern.ts';
import type { McpConfig } from '../resolved/mcp.ts';
import type { RouteConfig, TargetConfig } from '../resolved.ts';
import { apiOf } from '../resolve/apis.ts';
import type { ReferenceAt, RouteCheck } from './check.ts';
import { unknownName, unknownParameter } from './unknown-name.ts';

/** Routes and APIs send to services that exist. */
export const servicesExist: RouteCheck = ({ routes, services }, referenceAt, { apis }) => {
  const known = new Set(services.map(({ id }) => id));
  const named = [
    ...Array.from(apis, ([name, { service }]): [string, Path] => [service, ['apis', name, 'service']]),
    ...routes.flatMap(({ id, target }) => (apiOf(id) === null ? namedBy(target, ['routes', id]) : [])),
  ];
  return named.flatMap(([name, path]) => {
    // No name at all is reported elsewhere: by the schema, or as a route without target.
    if (name === '' || known.has(name)) return [];
    return [unknownName({ kind: 'service', section: 'services', name, path }, known, referenceAt)];
  });
};

function namedBy(target: TargetConfig, path: Path): [string, Path][] {
  if (target.kind === 'service') return [[target.service, [...path, 'service']]];
  if (target.kind === 'mcp') return namedByMcp(target, path);
  if (target.kind !== 'split') return [];
  return target.sides.map(({ service }) => [service, [...path, 'services', service]]);
}

function namedByMcp({ service, tools, servers }: McpConfig, path: Path): [string, Path][] {
  const at = [...path, 'translate', 'mcp'];
  return [
    ...(service === null ? [] : [[service, [...path, 'service']] as [string, Path]]),
    ...tools.map(({ kind, service: name }, index): [string, Path] => {
      return [name, [...at, 'tools', index, kind === 'grpc' ? 'grpc' : 'service']];
    }),
    ...servers.map(({ service: name }, index): [string, Path] => [
      name,
      [...at, 'servers', index, 'service'],
    ]),
  ];
}

/** Routes listen on listeners that exist. */
export const listenersExist: RouteCheck = ({ routes, listeners }, referenceAt) => {
  const known = new Set(listeners.map(({ id }) => id));
  return routes.flatMap(({ id, match }) =>
    match.listeners.flatMap((name, index) => {
      if (known.has(name)) return [];
      const path = ['routes', id, 'match', 'listeners', index];
      return [unknownName({ kind: 'listener', section: 'listeners', name, path }, known, referenceAt)];
    }),
  );
};

/** Templates use parameters that the path pattern has. */
export const parametersExist: RouteCheck = ({ routes }, referenceAt) =>
  routes.flatMap((route) => unknownParameters(route, referenceAt));

function unknownParameters({ id, match, rewrite, target }: RouteConfig, referenceAt: ReferenceAt): Draft[] {
  const templates: [string, Path][] = [];
  if (typeof rewrite?.path === 'string') templates.push([rewrite.path, ['routes', id, 'rewrite', 'path']]);
  if (target.kind === 'redirect') templates.push([target.to, ['routes', id, 'redirect', 'to']]);
  if (templates.length === 0) return [];
  const known = new Set(parametersOf(match.path));
  return templates.flatMap(([template, path]) =>
    parametersOf(template)
      .filter((name) => !known.has(name))
      .map((name) => unknownParameter({ name, path, pattern: match.path }, known, referenceAt)),
  );
}
