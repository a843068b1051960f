import type { AnyPolicy } from '@turnpike/sdk';
import type { GatewayConfig } from '@turnpike/config';
import { loadPlugin, type PluginFile } from './load-plugin.ts';
import { keepTexts, provideTexts } from './module-hooks.ts';

/** What a snapshot says of its plugins. */
export interface PluginSource {
  readonly plugins: readonly PluginFile[];
  readonly documents: GatewayConfig['documents'];
}

/**
 * The plugins of one data thread. What is loaded is kept as long as a snapshot needs it: the same content is not loaded twice,
 * and requests that began with an old one keep that.
 */
export class PluginModules {
  readonly #loaded: Map<string, AnyPolicy>;

  /** Those that are there already, by their files: values of a test, which nobody has read. */
  constructor(given: ReadonlyMap<string, AnyPolicy> = new Map()) {
    this.#loaded = new Map(Array.from(given, ([file, policy]) => [keyOf({ file, digest: '' }), policy]));
  }

  /** Loads what is new. Rejects if something cannot be loaded; those that are there stay. */
  async prepare({ plugins, documents }: PluginSource): Promise<void> {
    if (plugins.length === 0) return;
    provideTexts(new Map(plugins.map(({ digest }) => [digest, documents])));
    for (const plugin of plugins) {
      const key = keyOf(plugin);
      if (!this.#loaded.has(key)) this.#loaded.set(key, await loadPlugin(plugin));
    }
  }

  /** This is in use from now on: gives its plugins, once they are prepared, and forgets all others. */
  use({ plugins }: Pick<PluginSource, 'plugins'>): PolicyOf {
    const loaded = this.#loaded;
    const needed = new Set(plugins.map(keyOf));
    for (const key of loaded.keys()) if (!needed.has(key)) loaded.delete(key);
    keepTexts(new Set(plugins.map(({ digest }) => digest)));
    return (plugin) => {
      const policy = loaded.get(keyOf(plugin));
      if (policy === undefined) throw new Error(`The plugin ${plugin.file} was not prepared`);
      return policy;
    };
  }
}

/** Gives a plugin that was loaded. */
export type PolicyOf = (plugin: PluginFile) => AnyPolicy;

function keyOf({ file, digest }: PluginFile): string {
  return `${digest} ${file}`;
}
