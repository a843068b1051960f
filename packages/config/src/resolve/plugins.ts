import type { Path } from '../path.ts';
import { parametersOf } from '../format/path-pattern.ts';
import type { PluginConfig, PluginFacts } from '../resolved-plugins.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { WrittenPolicies } from './access-policies.ts';
import type { Context } from './context.ts';
import type { PolicySource } from './validate.ts';

/** A plugin that the configuration names, and where. */
export interface PluginUse {
  /** Absolute; a key of `GatewayConfig.documents`. */
  readonly file: string;
  readonly with: PluginConfig['with'];
  /** Where the entry of the list is. */
  readonly at: Path;
  /** The route that it is written on; null: in the defaults, or of an API. */
  readonly route: { readonly id: string; readonly parameters: readonly string[] } | null;
}

type WrittenPlugins = Exclude<WrittenPolicies['plugins'], 'off' | null>;

/** Every plugin that is not off, in the places where they are written. */
export function pluginUses(
  { apis, defaults, routes }: ResolvedDocument,
  absolute: Context['absolute'],
): PluginUse[] {
  const usesOf = (policies: WrittenPolicies, path: Path, route: PluginUse['route']): PluginUse[] =>
    listOf(policies.plugins).flatMap(({ use, with: config, mode }, index) => {
      const at = [...path, 'plugins', index];
      return mode === 'off' || use === ''
        ? []
        : [{ file: fileOf(use, [...at, 'use'], absolute), with: config, at, route }];
    });
  return [
    ...usesOf(defaults.policies, ['defaults', 'policies'], null),
    ...Array.from(apis).flatMap(([name, { policies }]) => usesOf(policies, ['apis', name, 'policies'], null)),
    ...Array.from(routes).flatMap(([id, { policies, match }]) =>
      listOf(policies.plugins).length === 0
        ? []
        : usesOf(policies, ['routes', id, 'policies'], { id, parameters: parametersOf(match.path) }),
    ),
  ];
}

/** The plugins of a route: its own, or those of the defaults. */
export function resolvePlugins(
  own: PolicySource,
  inherited: PolicySource,
  { absolute, digests, plugins }: Context,
): readonly PluginConfig[] {
  const { policies, path } = own.policies.plugins === null ? inherited : own;
  return listOf(policies.plugins).flatMap(({ use, with: config, mode }, index): PluginConfig[] => {
    if (mode === 'off') return [];
    const file = fileOf(use, [...path, 'plugins', index, 'use'], absolute);
    const { name, slot } = plugins[file] ?? UNKNOWN;
    return [{ file, digest: digests[file] ?? '', name, slot, mode, with: config }];
  });
}

const UNKNOWN: PluginFacts = { name: '', slot: '' };
const NONE: WrittenPlugins = [];

function listOf(plugins: WrittenPolicies['plugins']): WrittenPlugins {
  return plugins === 'off' || plugins === null ? NONE : plugins;
}

/** A plugin that is named by its value in a configuration in TypeScript has come here as the URL of its file. */
function fileOf(use: string, at: Path, absolute: Context['absolute']): string {
  return absolute(at, use.startsWith('file://') ? decodeURIComponent(new URL(use).pathname) : use);
}
