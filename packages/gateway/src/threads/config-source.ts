import { dirname, join, resolve } from 'node:path';
import type { GatewayConfig } from '@turnpike/config';
import type { Loaded, Loader } from '@turnpike/config/load';

/** Where configurations come from. */
export interface ConfigSource {
  /** For people: where it came from. */
  readonly names: readonly string[];
  load(): Promise<Loaded>;
  /** Where the last known good is looked for when the configuration does not say, because it cannot be read. */
  fallbackStateDirectory(loaded: Loaded): string | null;
}

/** Files and directories, which may change. */
export function fileSource(paths: readonly string[], load: Loader): ConfigSource {
  return {
    names: paths.map((path) => resolve(path)),
    load: () => load(paths),
    fallbackStateDirectory: ({ directories }) => {
      const [main] = paths;
      if (main === undefined) return null;
      const isDirectory = directories.includes(resolve(main));
      return join(isDirectory ? resolve(main) : dirname(resolve(main)), DEFAULT_STATE_DIRECTORY);
    },
  };
}

/** A configuration that the caller has made, and that never changes. */
export function fixedSource(config: GatewayConfig): ConfigSource {
  const secrets = { secrets: new Set<string>(), redact: (text: string) => text };
  const loaded: Loaded = {
    config,
    issues: [],
    files: [],
    directories: [],
    secrets,
    inFiles: nowhere,
    entriesIn: () => [],
  };
  return { names: [], load: () => Promise.resolve(loaded), fallbackStateDirectory: () => null };
}

function nowhere(): null {
  return null;
}

/** As in the schema of the configuration, which cannot be asked when the configuration is broken. */
const DEFAULT_STATE_DIRECTORY = '.turnpike';
