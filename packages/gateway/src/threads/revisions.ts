import { setImmediate } from 'node:timers/promises';
import type { GatewayConfig } from '@turnpike/config';
import { systemClock, type Log } from '../core/ports.ts';
import { compileSnapshot, type SnapshotSlots } from '../snapshot.ts';
import { buffersOf, type CacheAreas, type CacheBuffers } from './cache-areas.ts';
import type { PemTexts } from './pem-texts.ts';
import { readPems } from './read-pems.ts';
import type { SnapshotData } from './protocol.ts';

/** A configuration in use. */
export interface Revision {
  readonly number: number;
  readonly config: GatewayConfig;
  /** On the wall clock. */
  readonly appliedAt: number;
}

/** A change that succeeded, and how long its parts took. */
export interface Advance {
  readonly revision: Revision;
  readonly compileMs: number;
  readonly applyMs: number;
}

/** The configuration compiles to less than it says, so it must not be used. */
export class Uncompilable extends Error {
  override readonly name = 'Uncompilable';
}

/** Makes revisions of configurations and has them applied. One at a time. */
export class Revisions {
  readonly #slots: SnapshotSlots;
  readonly #caches: CacheAreas;
  readonly #log: Log;
  #current: Revision | null = null;
  /** Of the current one. */
  #pems: PemTexts = new Map();

  constructor(slots: SnapshotSlots, caches: CacheAreas, log: Log) {
    this.#slots = slots;
    this.#caches = caches;
    this.#log = log;
  }

  /** What all threads serve, or `null` before the first. */
  get current(): Revision | null {
    return this.#current;
  }

  /**
   * Compiles a configuration, has `apply` bring it to all threads, and makes it the current one. If any of that fails it
   * rejects, and the current one stays.
   */
  async advance(
    config: GatewayConfig,
    apply: (snapshot: SnapshotData) => Promise<void>,
    number: number = (this.#current?.number ?? 0) + 1,
  ): Promise<Advance> {
    const startedAtMs = systemClock.now();
    try {
      const pems = await readPems(config);
      await setImmediate(); // health checks have their turn between the long steps of a change
      const areas = this.#caches.plan(config);
      const snapshot = this.#compile(config, { number, pems, caches: buffersOf(areas) });
      const compiledAtMs = systemClock.now();
      await apply(snapshot);
      const revision = { number, config, appliedAt: systemClock.epoch() };
      this.#current = revision;
      this.#pems = pems;
      this.#caches.keep(areas);
      return {
        revision,
        compileMs: compiledAtMs - startedAtMs,
        applyMs: systemClock.now() - compiledAtMs,
      };
    } catch (error) {
      this.#takeBackSlots();
      throw error;
    }
  }

  #compile(config: GatewayConfig, { number, pems, caches }: Compiling): SnapshotData {
    const stamp = { revision: number, nowMs: systemClock.now(), pems, caches };
    const { data, problems } = compileSnapshot(config, this.#slots, stamp);
    if (problems.problems.length > 0) {
      const texts = problems.problems.map(
        ({ route, field, message }) => `route ${route}: ${field}: ${message}`,
      );
      throw new Uncompilable(texts.join('; '));
    }
    if (problems.conflicts.length > 0) {
      this.#log.warn('some routes want the same requests; the first by name gets them', {
        conflicts: problems.conflicts.length,
        first: problems.conflicts.slice(0, SHOWN_CONFLICTS),
      });
    }
    return data;
  }

  /** The configuration that was tried has given up the slots of endpoints that it does not have: they are in use again. */
  #takeBackSlots(): void {
    if (this.#current === null) return;
    const { config, number } = this.#current;
    compileSnapshot(config, this.#slots, { revision: number, nowMs: systemClock.now(), pems: this.#pems });
  }
}

/** What a snapshot is compiled with beside its configuration. */
interface Compiling {
  readonly number: number;
  readonly pems: PemTexts;
  readonly caches: CacheBuffers;
}

const SHOWN_CONFLICTS = 10;
