import type { Draft } from '../issue.ts';
import type { RouteConfig } from '../resolved.ts';
import { hasSameParts } from '../same-parts.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { isMapping } from '../walk/containers.ts';
import type { Check, RouteCheck, WrittenSurroundings } from './check.ts';

type WrittenRoute = ResolvedDocument['routes'] extends ReadonlyMap<string, infer R> ? R : never;

/** A route of which there was nothing to say, and what surrounded it then. */
interface Clean {
  readonly route: RouteConfig;
  readonly around: WrittenSurroundings;
}

/**
 * Runs checks of single routes on those that have changed, or on all if anything has changed that surrounds them: of thousands
 * most are the same as at the last load.
 */
export function routeByRoute(...checks: readonly RouteCheck[]): Check {
  const known = new WeakMap<WrittenRoute, Clean>();
  return (config, referenceAt, document) => {
    const isSame = sameSurroundings(document);
    const isClean = (route: RouteConfig): boolean => {
      const written = document.routes.get(route.id);
      const clean = written && known.get(written);
      return clean !== undefined && hasSameParts(clean.route, route) && isSame(clean.around);
    };
    const routes = config.routes.filter((route) => !isClean(route));
    const written = new Map(
      routes.flatMap(({ id }): [string, WrittenRoute][] => {
        const route = document.routes.get(id);
        return route === undefined ? [] : [[id, route]];
      }),
    );
    const drafts = checks.flatMap((check) =>
      check({ ...config, routes }, referenceAt, { ...document, routes: written }),
    );
    const { routes: _, ...around } = document;
    const faulty = faultyRoutes(drafts);
    for (const route of faulty === null ? [] : routes) {
      const own = written.get(route.id);
      if (own !== undefined && faulty?.has(route.id) === false) known.set(own, { route, around });
    }
    return drafts;
  };
}

/** The routes that something was said of; `null`: it may be any. */
function faultyRoutes(drafts: readonly Draft[]): ReadonlySet<string> | null {
  const isKnown = drafts.every(({ path: [section] }) =>
    ['routes', 'apis', 'defaults'].includes(String(section)),
  );
  if (!isKnown) return null;
  return new Set(drafts.flatMap(({ path: [section, id] }) => (section === 'routes' ? [String(id)] : [])));
}

/** Routes remember what surrounded them in very few versions, so each is compared once. */
function sameSurroundings(document: WrittenSurroundings): (before: WrittenSurroundings) => boolean {
  const compared = new Map<WrittenSurroundings, boolean>();
  return (before) => {
    const known = compared.get(before);
    if (known !== undefined) return known;
    const isSame = SURROUNDINGS.every((section) => isSameSection(before[section], document[section]));
    compared.set(before, isSame);
    return isSame;
  };
}

const SURROUNDINGS: readonly (keyof WrittenSurroundings)[] = [
  'listeners',
  'services',
  'identityProviders',
  'consumers',
  'lists',
  'apis',
  'defaults',
  'stores',
];

/** Whether all entries are the same objects: those that have not changed are. */
function isSameSection(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const [ours, theirs] = [membersOf(one), membersOf(other)];
  if (ours === null || theirs === null || ours.length !== theirs.length) return false;
  return ours.every(([name, value], index) => {
    const [otherName, other] = theirs[index] ?? [];
    return name === otherName && value === other;
  });
}

function membersOf(section: unknown): readonly (readonly [unknown, unknown])[] | null {
  if (section instanceof Map) return [...section];
  return isMapping(section) ? Object.entries(section) : null;
}
