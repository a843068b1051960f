import type { RouteConfig } from '@turnpike/config';
import type { Path } from '@turnpike/config/load';
import { keysAt, valueAt } from '../written.ts';
import type { Advice, Auditor } from './audit.ts';

/** Matches that mean something else than who wrote them thought. */
export const unlikelyMatches: Auditor = ({ routes }, { document }) =>
  routes
    // Those that the program adds have nothing that somebody wrote.
    .filter(({ id }) => valueAt(document, ['routes', id]) !== undefined)
    .flatMap((route) => [...takesEverything(route, document), ...isOfAnotherProgram(route)]);

/** `match:` with nothing behind it, where the lines below are not indented as they should be. */
function takesEverything({ id }: RouteConfig, document: unknown): Advice[] {
  const path = ['routes', id, 'match'];
  const written = valueAt(document, path);
  if (written === undefined || keysAt(document, path).length > 0) return [];
  return [noEffect(path, 'is empty, so the route takes every request; write path: /* if that is meant')];
}

/** Parameters of Kong and Express, groups of NGINX: here they are plain text. */
function isOfAnotherProgram({ id, match, rewrite, target }: RouteConfig): Advice[] {
  const [, parameter] = /\/:([A-Za-z_]\w*)(?=\/|$)/.exec(match.path) ?? [];
  const templates: readonly (readonly [Path, string | null])[] = [
    [['routes', id, 'rewrite', 'path'], rewrite?.path ?? null],
    [['routes', id, 'redirect', 'to'], target.kind === 'redirect' ? target.to : null],
  ];
  const groups = templates.flatMap(([path, text]) => {
    const [group] = /\$\d/.exec(text ?? '') ?? [];
    if (group === undefined) return [];
    return [noEffect(path, `${group} is plain text here; name a parameter of the path, such as {rest} of *`)];
  });
  if (parameter === undefined) return groups;
  const message = `:${parameter} is plain text here; write {${parameter}} for a parameter`;
  return [noEffect(['routes', id, 'match', 'path'], message), ...groups];
}

function noEffect(path: Path, what: string): Advice {
  return { code: 'NO_EFFECT', message: `${path.join('.')}: ${what}`, path };
}
