import type { Path } from '@turnpike/config/load';
import { keysAt, valueAt } from '../written.ts';

/** Something in a configuration that decides about requests, and that can be left out. */
export interface Rule {
  readonly path: Path;
  /** The route that it is part of; null: a default. */
  readonly route: string | null;
  /** Without it other requests may come to the route. */
  readonly isCondition: boolean;
}

/** Members of policies that are rules on their own; `*` is every member, `[]` every item of a list. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  authorize: ['scopes', 'anyScope', 'claims.*', 'rule', 'external'],
  ipAccess: ['allow', 'deny'],
  rateLimit: ['[]'],
  limits: ['*'],
  fault: ['delay', 'abort'],
  errors: ['*'],
  securityHeaders: ['*'],
  transform: [
    'request.headers.set.*',
    'request.headers.add.*',
    'request.headers.remove.[]',
    'request.query.set.*',
    'request.query.add.*',
    'request.query.remove.[]',
    'response.headers.set.*',
    'response.headers.add.*',
    'response.headers.remove.[]',
  ],
  cors: ['credentials', 'maxAge', 'headers', 'exposeHeaders', 'privateNetwork'],
};

/** Conditions of a match that have a rule for each name. */
const BY_NAME = ['headers', 'query'];

/** All rules of a document: defaults, APIs, routes, their conditions, what they do on the way, policies and their parts. */
export function rulesOf(document: unknown): Rule[] {
  const routes = keysAt(document, ['routes']).flatMap((id) => rulesOfRoute(document, id));
  const defaults = policyRules(document, ['defaults', 'policies'], null);
  // Their routes have names that the program makes.
  const apis = keysAt(document, ['apis']).flatMap((id): Rule[] => [
    { path: ['apis', id], route: null, isCondition: false },
    ...policyRules(document, ['apis', id, 'policies'], null),
  ]);
  return [...defaults, ...apis, ...routes];
}

function rulesOfRoute(document: unknown, id: string): Rule[] {
  const at = ['routes', id];
  const rule = (path: Path, isCondition = false): Rule => ({ path, route: id, isCondition });
  const present = (key: string) =>
    valueAt(document, [...at, key]) === undefined ? [] : [rule([...at, key])];
  return [
    rule(at),
    ...keysAt(document, [...at, 'match'])
      .filter((key) => key !== 'path')
      .flatMap((key) => conditionPaths(document, [...at, 'match', key]))
      .map((path) => rule(path, true)),
    ...present('rewrite'),
    ...present('translate'),
    ...present('upgrade'),
    ...policyRules(document, [...at, 'policies'], id),
  ];
}

function conditionPaths(document: unknown, path: Path): Path[] {
  if (!BY_NAME.includes(String(path.at(-1)))) return [path];
  return keysAt(document, path).map((name) => [...path, name]);
}

function policyRules(document: unknown, at: Path, route: string | null): Rule[] {
  return keysAt(document, at).flatMap((policy) => {
    const path = [...at, policy];
    if (isOff(valueAt(document, path)) && route === null) return [];
    const parts = (PARTS[policy] ?? []).flatMap((part) => partPaths(document, path, part.split('.')));
    // One part alone is the policy.
    const rules = parts.length > 1 ? [path, ...parts] : [path];
    return rules.map((one) => ({ path: one, route, isCondition: false }));
  });
}

function isOff(value: unknown): boolean {
  return value === 'off' || valueAt(value, ['mode']) === 'off';
}

function partPaths(document: unknown, at: Path, [part, ...rest]: readonly string[]): Path[] {
  if (part === undefined) return [at];
  const value = valueAt(document, at);
  if (part === '[]') return Array.isArray(value) ? value.map((_, index) => [...at, index]) : [];
  if (part !== '*')
    return valueAt(value, [part]) === undefined ? [] : partPaths(document, [...at, part], rest);
  return keysAt(document, at)
    .filter((key) => key !== 'mode')
    .flatMap((key) => partPaths(document, [...at, key], rest));
}
