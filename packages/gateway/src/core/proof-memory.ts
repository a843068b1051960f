/** Whether something that may be used once came before. */
export type Seen =
  | 'new'
  | 'known'
  /** New here; the store that other gateways share does not answer. */
  | 'unshared';

/** Remembers what may be used once, for all threads, and for all gateways where they share a store. */
export interface ProofMemory {
  /** Notes the key for so long. Of all who do so at once, exactly one hears that it is new. */
  note(key: string, ttlMs: number): Promise<Seen>;
}

/** The same for other gateways; rejects with `COUNTERS_UNAVAILABLE` when their store does not answer. */
export interface SharedProofs {
  isNew(key: string, ttlMs: number): Promise<boolean>;
}
