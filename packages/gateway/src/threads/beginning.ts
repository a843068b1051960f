import { formatIssue, type GatewayConfig, type Issue } from '@turnpike/config';
import type { Loaded } from '@turnpike/config/load';
import type { Log } from '../core/ports.ts';
import { LastGood } from '../state/last-good.ts';
import type { ConfigSource } from './config-source.ts';
import { ThreadGone } from './running-thread.ts';

/** The first configuration has errors, and there is nothing else to start with. */
export class ConfigRejected extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(`the configuration has errors:\n${issues.map(formatIssue).join('\n')}`);
    this.name = 'ConfigRejected';
    this.issues = issues;
  }
}

/** The configuration is valid, but the gateway cannot start with it: an address is taken, say. `message` is for people. */
export class StartFailed extends Error {
  constructor(cause: unknown) {
    const root = cause instanceof ThreadGone ? cause.cause : cause;
    super(root instanceof Error ? root.message : String(root), { cause });
    this.name = 'StartFailed';
  }
}

/** A gateway runs on what an earlier one left on disk, because its configuration could not be used. */
export interface Rescue {
  readonly path: string;
  readonly revision: number;
  readonly savedAt: string;
  readonly issues: readonly Issue[];
}

/** What a gateway starts with. */
export interface Beginning {
  readonly config: GatewayConfig;
  readonly revision: number;
  readonly loaded: Loaded;
  readonly rescue: Rescue | null;
}

/** What decides about the beginning. */
export interface BeginningOptions {
  readonly source: ConfigSource;
  readonly log: Log;
  /** Start with the last known good if the configuration has errors. */
  readonly lastGood: boolean;
  /** Where it is, in place of where the configuration says. */
  readonly stateDirectory: string | null;
}

/** Loads the first configuration, or finds the last known good. Rejects with {@link ConfigRejected}. */
export async function findBeginning(options: BeginningOptions): Promise<Beginning> {
  const { source, log, lastGood } = options;
  const loaded = await source.load();
  if (loaded.config !== null) return { config: loaded.config, revision: 1, loaded, rescue: null };
  const directory = options.stateDirectory ?? source.fallbackStateDirectory(loaded);
  const found = lastGood && directory !== null ? await new LastGood(directory, log).find() : null;
  if (found === null) throw new ConfigRejected(loaded.issues);

  const { path, saved } = found;
  const rescue = { path, revision: saved.revision, savedAt: saved.savedAt, issues: loaded.issues };
  log.error('THE CONFIGURATION HAS ERRORS: serving the last known good until it is mended', {
    ...rescue,
    issues: loaded.issues.map(formatIssue),
  });
  return { config: saved.config, revision: saved.revision, loaded, rescue };
}
