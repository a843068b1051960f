import type { GatewayConfig, WarmStartConfig } from '@turnpike/config';
import type { Clock, Log } from '../core/ports.ts';
import type { Timers } from '../identity/providers/clockwork.ts';
import { restoredHead } from '../stages/cache/restored-head.ts';
import type { FileAbout } from '../state/cache-file/layout.ts';
import { openCacheFile, type CacheFile } from '../state/cache-file/read-cache-file.ts';
import { writeCacheFile } from '../state/cache-file/write-cache-file.ts';
import type { CacheAreas } from './cache-areas.ts';
import type { CacheFleet } from './cache-fleet.ts';
import { cacheFileContent } from './cache-file-content.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { storingRules } from './storing-rules.ts';

/** What became of a response in the file. */
export type RestoreResult = 'restored' | 'outdated' | 'left-out';

/** What keeping and bringing back needs. */
export interface WarmStartParts {
  readonly log: Log;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly caches: Pick<CacheAreas, 'areas' | 'useHashKeys'>;
  readonly fleet: Pick<CacheFleet, 'resume' | 'isSharing' | 'knows' | 'position' | 'caughtUp'>;
  readonly countRestored: (result: RestoreResult, count: number) => void;
  readonly countSave: (result: 'saved' | 'failed') => void;
}

/** What other gateways purged meanwhile must be known by then; else nothing is given out unasked. */
const FLEET_PATIENCE_MS = 5000;
/** The gateway is to end soon: what could not be written by then is left out. */
const LAST_SAVE_MS = 5000;
/** For Redis to say where its log of purges is, if it has not yet. */
const POSITION_PATIENCE_MS = 1000;

/**
 * Keeps the responses in memory for the next start of the gateway, in a file, and brings them back, while threads serve.
 *
 * A file is believed only if it was written after the last request, by a gateway that knew of all purges. Of any other, such as the one
 * of a gateway that was killed, nothing is given out before its service has said that it is still the same.
 */
export class WarmStart {
  readonly #parts: WarmStartParts;
  readonly #inTurn = oneAtATime();
  #file: CacheFile | null = null;
  #plan: WarmStartConfig | null = null;
  #config: () => Pick<GatewayConfig, 'routes'> = () => ({ routes: [] });
  /** What a file has that was not brought back yet must not be written over by what little is there by now. */
  #isComplete = true;
  #isClosing = false;
  #stopWaiting: () => void = () => {};

  constructor(parts: WarmStartParts) {
    this.#parts = parts;
  }

  /** Before there is any memory: what is brought back has digests that were made with the keys of before. */
  async open({ stores }: Pick<GatewayConfig, 'stores'>): Promise<void> {
    const { log, caches, fleet } = this.#parts;
    const plan = stores.cache.warmStart;
    if (plan === null) return;
    try {
      this.#file = await openCacheFile(plan.path);
    } catch (error) {
      if (!isMissing(error))
        log.warn('the cache begins empty: its file cannot be used', { ...told(error, plan) });
      return;
    }
    const { about } = this.#file;
    caches.useHashKeys(new Map(about.memories.map(({ name, hashKey }) => [name, hashKey])));
    fleet.resume(about.fleet);
  }

  /** Brings back what was opened. In the background of a gateway that serves: resolves when it is done, and never rejects. */
  restore({ routes }: Pick<GatewayConfig, 'routes'>): Promise<void> {
    const file = this.#file;
    this.#file = null;
    if (file === null) return Promise.resolve();
    this.#isComplete = false;
    return this.#inTurn(async () => {
      try {
        await this.#restoreFrom(file, routes);
      } finally {
        this.#isComplete = !this.#isClosing;
        await file.close();
      }
    });
  }

  /** Writes it as often as a configuration says, from now on. */
  use(config: () => Pick<GatewayConfig, 'routes' | 'stores'>): void {
    const plan = config().stores.cache.warmStart;
    this.#config = config;
    this.#stopWaiting();
    this.#plan = plan;
    this.#wait();
  }

  /** The last time, when no thread serves any more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#stopWaiting();
    await this.#file?.close();
    this.#file = null;
    const { fleet } = this.#parts;
    // Without a position nothing of the file could be believed.
    if (this.#plan !== null && fleet.isSharing && fleet.position === null)
      await fleet.caughtUp(POSITION_PATIENCE_MS);
    await this.#inTurn(() => this.#save('in-order'));
  }

  // --- to the file ---------------------------------------------------------------------------------------------------

  #wait(): void {
    if (this.#plan === null || this.#isClosing) return;
    this.#stopWaiting = this.#parts.timers.after(this.#plan.everyMs, () => {
      void this.#inTurn(() => this.#save('in-use')).then(() => this.#wait());
    });
  }

  async #save(left: 'in-order' | 'in-use'): Promise<void> {
    const plan = this.#plan;
    if (plan === null || !this.#isComplete || (left === 'in-use' && this.#isClosing)) return;
    const { log, clock, countSave, caches, fleet } = this.#parts;
    const endsAtMs = left === 'in-order' ? clock.now() + LAST_SAVE_MS : Infinity;
    const source = { areas: caches.areas, routes: this.#config().routes, fleet: fleet.position, clock };
    try {
      const { content, counts } = cacheFileContent(source, { left, mostBytes: plan.mostBytes, endsAtMs });
      const bytes = await writeCacheFile(plan.path, content);
      log.debug('the cache was written to its file', { path: plan.path, entries: counts.entries, bytes });
      countSave('saved');
    } catch (error) {
      log.warn('the cache could not be written to its file', { ...told(error, plan) });
      countSave('failed');
    }
  }

  // --- from the file -------------------------------------------------------------------------------------------------

  async #restoreFrom(file: CacheFile, routes: GatewayConfig['routes']): Promise<void> {
    const { log, countRestored } = this.#parts;
    const counts: Record<RestoreResult, number> = { restored: 0, outdated: 0, 'left-out': 0 };
    let problem: unknown = null;
    const trust = await this.#trustOf(file);
    try {
      if (trust !== 'nothing') await this.#putIn(file, { trust, routes, counts });
    } catch (error) {
      problem = error;
    }
    for (const result of RESULTS) countRestored(result, counts[result]);
    const savedAt = new Date(file.about.savedAtMs).toISOString();
    if (problem !== null)
      log.warn('the file of the cache is damaged: what follows is left out', { problem, ...counts });
    log.info('the cache was brought back', { trust, savedAt, ...counts });
  }

  async #putIn(
    file: CacheFile,
    { trust, routes, counts }: Restore & { readonly counts: Record<RestoreResult, number> },
  ): Promise<void> {
    const { caches, clock } = this.#parts;
    const now = storingRules(routes);
    const { about } = file;
    const desks = about.memories.map((memory) => deskOf(caches.areas, memory));
    for await (const entry of file.entries()) {
      if (this.#isClosing) return;
      const route = entry.key.split('\n', 1)[0] ?? '';
      const desk = desks[entry.memory] ?? null;
      const isSame = about.routes[route] !== undefined && about.routes[route] === now.get(route);
      const head = restoredHead(entry.head, {
        nowMs: clock.epoch(),
        trust,
        isSoftPurged: entry.isSoftPurged,
      });
      if (desk === null || !isSame) counts['left-out']++;
      else if (head === null) counts.outdated++;
      else counts[desk.putIn.put({ ...entry, head }) ? 'restored' : 'left-out']++;
    }
  }

  /** What was not written at the very end may have been purged since; so may what a fleet purged while nobody was here to hear it. */
  async #trustOf({ about, wasInOrder }: CacheFile): Promise<Restore['trust'] | 'nothing'> {
    const { fleet, clock } = this.#parts;
    if (fleet.isSharing && !fleet.knows(about.fleet)) return 'nothing';
    const isCaughtUp = fleet.isSharing ? await fleet.caughtUp(FLEET_PATIENCE_MS) : about.fleet === null;
    return wasInOrder && isCaughtUp && about.savedAtMs <= clock.epoch() ? 'as-it-was' : 'ask-first';
  }
}

interface Restore {
  readonly trust: 'as-it-was' | 'ask-first';
  readonly routes: GatewayConfig['routes'];
}

const RESULTS = ['restored', 'outdated', 'left-out'] as const;

/** The same memory as before; null: it is not there any more, or was made since. */
function deskOf(areas: CacheAreas['areas'], { name, hashKey }: FileAbout['memories'][number]) {
  const desk = areas.get(name)?.desk ?? null;
  return desk !== null && desk.hashKey.join(' ') === hashKey.join(' ') ? desk : null;
}

function told(error: unknown, { path }: WarmStartConfig): object {
  return { path, problem: error instanceof Error ? error.message : String(error) };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
