import type { Slot } from '@turnpike/sdk';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Wrapper } from '../../core/exchange.ts';
import type { Log } from '../../core/ports.ts';
import type { Plugin } from './plugin.ts';
import { pluginStage } from './plugin-stage.ts';

/** What the stage reaches the world through. */
export interface PluginsPorts {
  /** Of this route. */
  readonly plugins: readonly Plugin[];
  readonly log: Log;
  readonly decisions: DecisionsOf;
  /** Null: nobody watches. */
  readonly watch: { plugin(name: string, stage: Wrapper): Wrapper } | null;
}

/** The plugins of a route that belong in this place, in the order in which they are written; null where there are none. */
export function plugins(slot: Slot, ports: PluginsPorts): Wrapper | null {
  const { log, decisions, watch } = ports;
  const here = ports.plugins.filter((plugin) => plugin.slot === slot);
  if (here.length === 0) return null;
  const stages = here.map((plugin) => {
    const stage = pluginStage(plugin, { log, count: decisions(`plugins.${plugin.name}`) });
    return watch === null ? stage : watch.plugin(plugin.name, stage);
  });
  return (next) => stages.reduceRight((inner, stage) => stage(inner), next);
}
