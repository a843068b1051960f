import { GatewayError } from '../../core/errors.ts';
import type { ProofMemory, Seen, SharedProofs } from '../../core/proof-memory.ts';
import type { ReplayMemory } from '../../core/replay-memory.ts';

/** Asks this process first, because that costs nothing, and then the store that gateways share, if there is one. */
export function proofsSeen(own: Pick<ReplayMemory, 'isNew'>, shared: () => SharedProofs | null): ProofMemory {
  return {
    async note(key, ttlMs) {
      if (!own.isNew(key, ttlMs)) return 'known';
      const store = shared();
      return store === null ? 'new' : askShared(store, key, ttlMs);
    },
  };
}

async function askShared(store: SharedProofs, key: string, ttlMs: number): Promise<Seen> {
  try {
    return (await store.isNew(key, ttlMs)) ? 'new' : 'known';
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'COUNTERS_UNAVAILABLE') return 'unshared';
    throw error;
  }
}
