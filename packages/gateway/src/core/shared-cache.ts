/**
 * What gateways share of their responses: a store behind the memory of each, which every one of them may write and purge.
 *
 * It is asked only for what is not in memory, and it may be gone: then everything goes on as if there were none. What it gives
 * has been looked at for purges by the store itself, so no gateway can bring back what another one has purged.
 */
export interface SharedCache {
  /** What is stored for a key, or what is to be known for storing it. Never rejects; gives up after a short time of its own. */
  get(key: string): Promise<SharedFind>;
  /**
   * Takes it on to ask the service in place of all gateways. `theirs`: another one does; `awaited` tells when to look again. Never
   * rejects; without the store everybody asks for itself (`mine`).
   */
  lock(key: string, forMs: number): Promise<'mine' | 'theirs'>;
  /** Resolves when it is worth to look again: it was stored, or the one who was busy let go; after `patienceMs` at the latest. */
  awaited(key: string, patienceMs: number): Promise<void>;
  unlock(key: string): void;
  /** Stores in the background; what is too much at once is left out and counted. Lets go of the lock. */
  put(key: string, entry: SharedEntry): void;
  /** Forgets what is under a key. */
  remove(key: string): void;
}

/** What a look into the store came to. */
export type SharedFind =
  | {
      readonly kind: 'found';
      /** As the stage wrote it. */
      readonly head: string;
      readonly body: Buffer;
      readonly tags: readonly string[];
      readonly isSoftPurged: boolean;
    }
  /** `asOf` goes with what is stored for it later: what is purged in between is not found then. */
  | { readonly kind: 'missing'; readonly asOf: number }
  /** The store does not answer: nothing is stored either. */
  | { readonly kind: 'unavailable' };

/** A complete response. */
export interface SharedEntry {
  readonly head: string;
  readonly body: Buffer;
  readonly tags: readonly string[];
  /** The number of the look that came before the service was asked. */
  readonly asOf: number;
  /** How long it may be of use, stale times included. */
  readonly keepMs: number;
}

/** Larger bodies stay in the memory of the gateway that has them. */
export const MOST_SHARED_BYTES = 1024 * 1024;

/** Purges for the whole fleet. */
export interface FleetPurge {
  /**
   * Purges in the shared store, and so in the memory of every gateway within a second, by a message and, if that is lost, by asking.
   * Rejects when the store does not answer; then it has happened nowhere but here.
   */
  purge(tags: readonly string[], kind: 'hard' | 'soft'): Promise<void>;
}
