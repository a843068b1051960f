import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { diffConfig, isSame, type GatewayConfig } from '@turnpike/config';
import type { Loaded } from '@turnpike/config/load';
import { systemClock, type Log } from '../core/ports.ts';
import type { ConfigSource } from './config-source.ts';
import type { SnapshotData } from './protocol.ts';
import { logReload, type ReloadRecord, type ReloadResult } from './reload-result.ts';
import { restartNeeded } from './restart-needed.ts';
import type { Revision, Revisions } from './revisions.ts';

/** The reason of a reload because the content of files is another: then nothing needs to be compared before it is applied. */
export const FILES_CHANGED = 'files changed';

/** What a reload works with. */
export interface ReloadPorts {
  readonly source: ConfigSource;
  readonly revisions: Revisions;
  readonly log: Log;
  /** Brings a snapshot to all threads, or to none. */
  readonly apply: (snapshot: SnapshotData, config: GatewayConfig) => Promise<void>;
  /** Told of everything that was loaded, good or bad, before anything is made of it. */
  readonly onLoaded: (loaded: Loaded) => void;
  /** Told when what was loaded is in use, be it new or not; `revision` is `null` when it is not new. */
  readonly onUsed: (loaded: Loaded, revision: Revision | null) => void;
  readonly onFailed: () => void;
}

/** Loads the configuration again and brings it into use, all of it or nothing. One reload at a time. */
export class Reload {
  readonly #ports: ReloadPorts;
  /** What the process was started with. */
  readonly #started: GatewayConfig;
  #last: ReloadRecord | null = null;

  constructor(ports: ReloadPorts, started: GatewayConfig) {
    this.#ports = ports;
    this.#started = started;
  }

  get last(): ReloadRecord | null {
    return this.#last;
  }

  /** Never rejects for what a user did; `reason` is for the log. */
  async run(reason: string): Promise<ReloadResult> {
    const result = await this.#attempt(reason);
    const record = { at: new Date(systemClock.epoch()).toISOString(), reason, result };
    const isKnown = this.#last?.result.kind === 'rejected' && isDeepStrictEqual(this.#last.result, result);
    this.#last = record;
    if (isKnown && reason === FILES_CHANGED) return result; // a file was written again with the same errors
    logReload(this.#ports.log, record);
    if (result.kind === 'rejected' || result.kind === 'failed') this.#ports.onFailed();
    return result;
  }

  async #attempt(reason: string): Promise<ReloadResult> {
    const { source, revisions, apply, onLoaded, onUsed } = this.#ports;
    const startedAtMs = systemClock.now();
    const loaded = await source.load();
    const loadMs = systemClock.now() - startedAtMs;
    onLoaded(loaded);
    const { config, issues } = loaded;
    if (config === null) return { kind: 'rejected', issues };

    const before = revisions.current;
    if (before !== null && reason !== FILES_CHANGED && isSame(before.config, config)) {
      onUsed(loaded, null);
      return { kind: 'unchanged', revision: before.number };
    }
    try {
      const { revision, ...times } = await revisions.advance(config, (snapshot) => apply(snapshot, config));
      onUsed(loaded, revision);
      await setImmediate();
      return {
        kind: 'applied',
        revision: revision.number,
        changes: before === null ? [] : diffConfig(before.config, config),
        restartNeeded: restartNeeded(this.#started, config),
        warnings: issues,
        loadMs,
        ...times,
      };
    } catch (error) {
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }
}
