import { parametersOf } from '@turnpike/config';
import { checkSchema, valueCheck } from '@turnpike/config/validation';
import type { AnyPolicy } from '@turnpike/sdk';
import { systemClock } from '../core/ports.ts';
import { contextOf } from '../stages/plugins/plugin.ts';
import { completeConfig } from './complete-config.ts';
import { loadPlugin, PluginRejected, type PluginFile } from './load-plugin.ts';
import { createPlugin } from './route-plugins.ts';

/** A plugin with its configuration, in a place where it is used. */
export interface UsedPlugin extends PluginFile {
  readonly with: Readonly<Record<string, unknown>>;
  /** The route that it is written on; null: others inherit it. */
  readonly route: { readonly id: string; readonly parameters: readonly string[] } | null;
}

/** What is wrong with a plugin where it is used: in its file, or in the value at a JSON Pointer of its configuration. */
export interface PluginFault {
  readonly at: 'use' | 'with';
  readonly pointer: string;
  readonly message: string;
}

/** How far trying has come. */
export interface TriedPlugin {
  readonly index: number;
  /** Null: it is begun. */
  readonly found: FoundInPlugin | null;
}

/** What a plugin says of itself, and what is wrong with it. */
export interface FoundInPlugin {
  readonly name: string;
  readonly slot: string;
  readonly faults: readonly PluginFault[];
}

/** Loads a plugin and makes it ready, without serving with it. Never rejects. */
export async function tryPlugin(use: UsedPlugin): Promise<FoundInPlugin> {
  try {
    const policy = await loadPlugin(use);
    const { name, slot } = policy;
    return { name, slot, faults: faultsOf(policy, use) };
  } catch (error) {
    const message = error instanceof PluginRejected ? error.message : `${use.file}: ${messageOf(error)}`;
    return { name: '', slot: '', faults: [inFile(message)] };
  }
}

/** What is wrong with a plugin that was loaded. Each step needs the one before. */
export function faultsOf(policy: AnyPolicy, use: UsedPlugin): readonly PluginFault[] {
  const faults = [...schemaFaults(policy, use), ...parameterFaults(policy, use)];
  if (faults.length > 0) return faults;
  const inConfig = configFaults(policy, use);
  return inConfig.length > 0 ? inConfig : creationFaults(policy, use);
}

function schemaFaults({ schema }: AnyPolicy, { file }: UsedPlugin): PluginFault[] {
  return checkSchema(schema)
    .slice(0, 5)
    .map(({ pointer, message }) => inFile(`${file}: its schema is no JSON Schema: ${pointer} ${message}`));
}

/** A path in the definition says which parameters a route must have. */
function parameterFaults({ path }: AnyPolicy, { file, route }: UsedPlugin): PluginFault[] {
  const needed = parametersOf(path ?? '');
  const missing = needed.filter((name) => route?.parameters.includes(name) !== true);
  if (missing.length === 0) return [];
  const names = missing.map((name) => `{${name}}`).join(', ');
  const remedy =
    route === null
      ? 'so name it on routes that have them, and not for all'
      : 'which this route does not have';
  return [inFile(`${file} is for paths such as ${path} with ${names}, ${remedy}`)];
}

function configFaults({ schema }: AnyPolicy, { with: config }: UsedPlugin): PluginFault[] {
  const faults = valueCheck(schema)(completeConfig(schema, config));
  return faults.map(({ pointer, message }) => ({ at: 'with', pointer, message }));
}

function creationFaults(policy: AnyPolicy, { with: config, route }: UsedPlugin): PluginFault[] {
  const { id, parameters } = route ?? { id: '', parameters: [] };
  const context = contextOf(
    { name: policy.name, route: id, parameters },
    { log: SILENT, clock: systemClock, signal: new AbortController().signal },
  );
  try {
    createPlugin(policy, config, context);
    return [];
  } catch (error) {
    return [
      { at: 'with', pointer: '', message: `the plugin ${policy.name} refuses it: ${messageOf(error)}` },
    ];
  }
}

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function inFile(message: string): PluginFault {
  return { at: 'use', pointer: '', message };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
