import type { Context, Handler, Next, Slot } from '@turnpike/sdk';
import type { Clock, Log } from '../../core/ports.ts';
import type { Decisions } from '../../core/decisions.ts';

/** A plugin that is made ready for a route. */
export interface Plugin {
  readonly name: string;
  readonly slot: Slot;
  /** As in the configuration; what it is asked in report mode has no effect. */
  readonly mode: 'on' | 'report';
  /** Names of the parameters of the route, in the order of their values. */
  readonly names: readonly string[];
  readonly around: (next: Next) => Handler;
}

/** What the adapter reaches the world through. */
export interface PluginPorts {
  readonly log: Log;
  readonly count: Decisions;
}

/** Makes what `create` gets beside its configuration. */
export function contextOf(
  facts: { readonly name: string; readonly route: string; readonly parameters: readonly string[] },
  { log, clock, signal }: { readonly log: Log; readonly clock: Clock; readonly signal: AbortSignal },
): Context {
  const { name: plugin, route, parameters } = facts;
  const named = (fields: object | undefined) => ({ component: 'plugins', plugin, route, ...fields });
  return {
    route,
    parameters,
    log: {
      debug: (message, fields) => log.debug(message, named(fields)),
      info: (message, fields) => log.info(message, named(fields)),
      warn: (message, fields) => log.warn(message, named(fields)),
      error: (message, fields) => log.error(message, named(fields)),
    },
    clock: { now: () => clock.now(), epoch: () => clock.epoch() },
    signal,
  };
}
