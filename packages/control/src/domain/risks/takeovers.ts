import type { RouteConfig } from '@turnpike/config';
import type { Risk } from '../revisions.ts';
import { covers, takesFrom } from './reach.ts';
import { isSame, type Pair, tell } from './rule.ts';

/** So many routes that are new or match other requests are looked at; of more, people look themselves. */
const MAX_CHANGED = 1000;

/**
 * What new routes take from those that stay as they are. A route that asks for nothing and is more specific than one that asks
 * who is calling is a hole in the wall.
 */
export function takeoverRisks(
  { before, after }: Pair<readonly RouteConfig[]>,
  nameOf: (route: RouteConfig) => string,
): Risk[] {
  const known = new Map(before.map((route) => [route.id, route]));
  const isOld = (route: RouteConfig): boolean => isSame(known.get(route.id)?.match, route.match);
  const changed = after.filter((route) => !isOld(route)).slice(0, MAX_CHANGED);
  if (changed.length === 0) return [];
  const old = bySegment(after.filter(isOld));
  const [unreachable, bypassed, narrowed] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const route of changed) {
    for (const other of old(route.match.path)) {
      if (!takesFrom(route.match, other.match)) continue;
      if (covers(route.match, other.match)) unreachable.add(nameOf(other));
      else narrowed.add(nameOf(other));
      if (!isProtected(route) && isProtected(other)) bypassed.add(nameOf(other));
    }
  }
  return [
    ...tell({
      code: 'PROTECTION_BYPASSED',
      level: 'high',
      what: 'route',
      says: [
        'asks who is calling, but some of its requests go to a new one that does not',
        'ask who is calling, but some of their requests go to a new one that does not',
      ],
      names: [...bypassed],
    }),
    ...tell({
      code: 'ROUTE_UNREACHABLE',
      level: 'high',
      what: 'route',
      says: [
        'gets no requests any more: another one takes them',
        'get no requests any more: others take them',
      ],
      names: [...unreachable],
    }),
    ...tell({
      code: 'ROUTE_TAKEN_OVER',
      level: 'low',
      what: 'route',
      says: [
        'gives some of its requests to a more specific one',
        'give some of their requests to more specific ones',
      ],
      names: [...narrowed].filter((name) => !unreachable.has(name)),
    }),
  ];
}

function isProtected({ policies }: RouteConfig): boolean {
  const { authenticate } = policies;
  return authenticate !== null && authenticate.mode === 'on' && !authenticate.optional;
}

/** Finds those that may meet a path: by its first segment, so that thousands need not be compared with thousands. */
function bySegment(routes: readonly RouteConfig[]): (path: string) => readonly RouteConfig[] {
  const groups = Map.groupBy(routes, ({ match }) => keyOf(match.path));
  const open = groups.get('') ?? [];
  return (path) => {
    const key = keyOf(path);
    return key === '' ? routes : [...(groups.get(key) ?? []), ...open];
  };
}

/** `''`: any. */
function keyOf(path: string): string {
  const [, first = ''] = path.split('/');
  return /^[{*]/.test(first) ? '' : `/${first}`;
}
