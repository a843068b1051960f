import type { GatewayConfig } from '@turnpike/config';
import { compileSnapshot } from '../snapshot.ts';
import { CacheArea } from '../stores/cache/area.ts';
import type { SnapshotData } from '../threads/protocol.ts';
import { newMemory, slotsOf } from './fresh-memory.ts';

/** What a supervisor would compile, with small caches of its own. */
export function offlineSnapshot(config: GatewayConfig, nowMs: number): SnapshotData {
  const endpoints = config.services.reduce((sum, service) => sum + service.endpoints.length, 0);
  const slots = slotsOf(newMemory(config.services.length, endpoints));
  return compileSnapshot(config, slots, { revision: 1, nowMs, environment: {}, caches: cachesOf(config) })
    .data;
}

/** Small ones, because they are made anew with each restart. */
function cachesOf({ routes }: GatewayConfig): SnapshotData['caches'] {
  const names = routes.flatMap(({ id, policies: { cache } }) =>
    cache === null ? [] : [cache.sizeBytes === null ? '' : id],
  );
  return new Map(Array.from(new Set(names), (name) => [name, CacheArea.allocate(CACHE_BYTES, 1)]));
}

const CACHE_BYTES = 2 * 1024 * 1024;
