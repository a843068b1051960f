import type { Origin, RouteConfig } from '../resolved.ts';
import type { WrittenPolicies } from './access-policies.ts';
import type { Context } from './context.ts';

/** What a route was made of, and what came of it. */
interface Kept {
  readonly defaults: WrittenPolicies;
  readonly route: RouteConfig;
}

const known = new WeakMap<object, Kept>();

/** Makes a route of what is written; everything else that it is made of comes from the context. */
export type MakeRoute<W> = (id: string, written: W, context: Context) => Omit<RouteConfig, 'origin'>;

/**
 * Makes a route only once: of thousands most are the same as at the last load, and then so are their parts (`hasSameParts`).
 *
 * Routes that are made of more than what is written in them and in the defaults (files), and those with faults, are made anew.
 */
export function keepingRoutes<W extends object>(
  defaults: WrittenPolicies,
  context: Context,
  make: MakeRoute<W>,
): (id: string, written: W) => RouteConfig {
  const { observed, uses } = observing(context);
  return (id, written) => {
    const origin = context.originOf('routes', id);
    const before = known.get(written);
    const isKept = before !== undefined && before.route.id === id && before.defaults === defaults;
    if (isKept && isSamePlace(before.route.origin, origin)) return before.route;
    const usesBefore = uses();
    const route = { ...(isKept ? before.route : make(id, written, observed)), origin };
    if (uses() === usesBefore) known.set(written, { defaults, route });
    return route;
  };
}

function isSamePlace(one: Origin, other: Origin): boolean {
  return one.line === other.line && one.column === other.column && one.file === other.file;
}

/** Counts how often anything beside the document is asked for. */
function observing(context: Context): { readonly observed: Context; readonly uses: () => number } {
  let count = 0;
  const counted = <K extends keyof Context>(key: K): Context[K] => {
    count++;
    return context[key];
  };
  const observed: Context = {
    get originOf() {
      return counted('originOf');
    },
    get absolute() {
      return counted('absolute');
    },
    get absoluteToMain() {
      return counted('absoluteToMain');
    },
    get documents() {
      return counted('documents');
    },
    get digests() {
      return counted('digests');
    },
    get certificates() {
      return counted('certificates');
    },
    get plugins() {
      return counted('plugins');
    },
    get report() {
      return counted('report');
    },
  };
  return { observed, uses: () => count };
}
