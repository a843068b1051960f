import type { Draft } from '../issue.ts';
import { nearest } from '../nearest.ts';
import type { Path } from '../path.ts';
import { parametersOf } from '../format/path-pattern.ts';
import type { RouteConfig } from '../resolved.ts';
import { show } from '../walk/walk.ts';
import type { Check, ReferenceAt } from './check.ts';

/** Routes send to services that exist. */
export const servicesExist: Check = ({ routes, services }, referenceAt) => {
  const known = new Set(services.map(({ id }) => id));
  return routes.flatMap(({ id, target }) => {
    // No name at all is reported elsewhere: by the schema, or as a route without target.
    if (target.kind !== 'service' || target.service === '' || known.has(target.service)) return [];
    return [
      unknownName(
        { kind: 'service', name: target.service, path: ['routes', id, 'service'] },
        known,
        referenceAt,
      ),
    ];
  });
};

/** Routes listen on listeners that exist. */
export const listenersExist: Check = ({ routes, listeners }, referenceAt) => {
  const known = new Set(listeners.map(({ id }) => id));
  return routes.flatMap(({ id, match }) =>
    match.listeners.flatMap((name, index) => {
      if (known.has(name)) return [];
      const path = ['routes', id, 'match', 'listeners', index];
      return [unknownName({ kind: 'listener', name, path }, known, referenceAt)];
    }),
  );
};

/** Templates use parameters that the path pattern has. */
export const parametersExist: Check = ({ routes }, referenceAt) =>
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

interface Name {
  readonly kind: 'service' | 'listener';
  readonly name: string;
  readonly path: Path;
}

function unknownName(
  { kind, name, path }: Name,
  known: ReadonlySet<string>,
  referenceAt: ReferenceAt,
): Draft {
  const reference = referenceAt(path);
  const suggestion = reference === undefined ? nearest(name, known) : undefined;
  const found = `routes.${String(path[1])}: there is no ${kind} ${show(name, reference)}`;
  const message = `${found}; ${hint(suggestion, known, `${kind}s`)}`;
  return { code: 'UNKNOWN_NAME', message, path, suggestion };
}

interface Parameter {
  readonly name: string;
  readonly path: Path;
  readonly pattern: string;
}

function unknownParameter(parameter: Parameter, known: ReadonlySet<string>, referenceAt: ReferenceAt): Draft {
  const { name, path, pattern } = parameter;
  const route = String(path[1]);
  const where = referenceAt(['routes', route, 'match', 'path']);
  const isPlain = where === undefined && referenceAt(path) === undefined;
  const suggestion = isPlain ? nearest(name, known) : undefined;
  const used = `the template uses ${isPlain ? `{${name}}` : 'a parameter'}`;
  const found = `routes.${route}: ${used}, which the path ${show(pattern, where)} does not have`;
  const message = isPlain ? `${found}; ${hint(suggestion, known, 'parameters')}` : found;
  return { code: 'UNKNOWN_PARAMETER', message, path, suggestion };
}

function hint(suggestion: string | undefined, known: ReadonlySet<string>, what: string): string {
  if (suggestion !== undefined) return `did you mean ${suggestion}?`;
  if (known.size === 0) return `there are no ${what}`;
  const some = [...known].slice(0, 10).join(', ');
  return `${what}: ${some}${known.size > 10 ? ', …' : ''}`;
}
