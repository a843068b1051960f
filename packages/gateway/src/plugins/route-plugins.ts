import type { RouteConfig } from '@turnpike/config';
import type { AnyPolicy, Context, Handler, Next } from '@turnpike/sdk';
import type { Clock, Log } from '../core/ports.ts';
import { contextOf, type Plugin } from '../stages/plugins/plugin.ts';
import { completeConfig } from './complete-config.ts';
import type { PolicyOf } from './plugin-modules.ts';

/** What the plugins of a snapshot are made with. */
export interface RoutePluginsPorts {
  readonly policyOf: PolicyOf;
  readonly log: Log;
  readonly clock: Clock;
}

/** The plugins of one snapshot, made ready for its routes. */
export interface RoutePlugins {
  /** Those of a route. Made once: all its pipelines share what the plugins remember. */
  of(route: Pick<RouteConfig, 'id' | 'policies'>, names: readonly string[]): readonly Plugin[];
  /** Another snapshot has taken its place. */
  retire(): void;
}

const NONE: readonly Plugin[] = [];

/** Makes plugins ready when their route is met for the first time. */
export function routePlugins({ policyOf, log, clock }: RoutePluginsPorts): RoutePlugins {
  const made = new Map<string, readonly Plugin[]>();
  const retired = new AbortController();

  return {
    of({ id, policies }, names) {
      if (policies.plugins.length === 0) return NONE;
      const known = made.get(id);
      if (known !== undefined) return known;
      const ready = policies.plugins.map(({ file, digest, mode, with: config }): Plugin => {
        const policy = policyOf({ file, digest });
        const { name, slot } = policy;
        const facts = { name, route: id, parameters: names };
        const context = contextOf(facts, { log, clock, signal: retired.signal });
        return { name, slot, mode, names, around: create(policy, config, context) };
      });
      made.set(id, ready);
      return ready;
    },
    retire: () => retired.abort(),
  };
}

/** A plugin that cannot be made ready fails with each request of its route: the others are no worse for it. */
function create(policy: AnyPolicy, config: unknown, context: Context): (next: Next) => Handler {
  try {
    return createPlugin(policy, config, context);
  } catch (error) {
    return () => () => Promise.reject(error);
  }
}

/** Gives a plugin its configuration, with the defaults of its schema. Throws what it throws. */
export function createPlugin(
  { schema, create: make }: AnyPolicy,
  config: unknown,
  context: Context,
): (next: Next) => Handler {
  const around = make(completeConfig(schema, config) as never, context);
  if (typeof around !== 'function') throw new TypeError('create() gives no function around the next stage');
  return (next) => {
    const handle: unknown = around(next);
    if (typeof handle === 'function') return handle as Handler;
    return () => Promise.reject(new TypeError('the function that create() gives makes no handler'));
  };
}
