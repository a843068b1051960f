import type { Body } from './body.ts';

/**
 * Turns what is written in front of a stored body into what the stage works with. Called at most once for each stored
 * response in each thread, as long as the thread remembers it.
 */
export type DecodeHead<T> = (head: string) => T;

/**
 * What this process keeps of responses, as one thread sees it. The bytes are there once for all threads; which of them
 * must be asked for again, and which may be given to whom, is the business of the stage that uses it. Every call returns at once.
 *
 * A key is up to {@link MOST_KEY_BYTES} of latin1 text, made by us. What is stored under it is a **head**, which is text of the stage, and a body.
 */
export interface CacheMemory<T> {
  /** What is there for a key: a response, the fill that somebody is busy with, or null. A hit counts for eviction. */
  find(key: string): StoredResponse<T> | OngoingFill | null;
  /**
   * Takes it on to fill a key, in place of what is there. Null: somebody else does already, or there is no room for more fills.
   * What is stored stays there, and can be found with `stored`, until the fill is committed. `since` is that of a fill whose answer turned
   * out to belong here: it was asked for when that was begun.
   */
  begin(key: string, since?: bigint): Fill<T> | null;
  /** Forgets what is under a key. */
  remove(key: string): void;
}

/** The longest key in bytes; who has a longer one makes a digest of it. */
export const MOST_KEY_BYTES = 1024;

/** A response in memory, as it was when it was found. Nothing of it changes; what comes later has another `version`. */
export interface StoredResponse<T> {
  readonly kind: 'stored';
  readonly head: T;
  /** Bytes of the body that are, or will be, there. */
  readonly length: number;
  /** Of all that was ever stored in this process, only this has the number. */
  readonly version: number;
  /** How often it was found, up to a small limit. */
  readonly hits: number;
  /** When it was asked that nobody gets it unseen any more, though it may be good enough for an emergency. */
  readonly isSoftPurged: boolean;
  /**
   * The bytes from `from` up to before `to`: text if they are few, else a source, which may be of a fill that is under way.
   * The source refers to the memory itself, which stays as it is until `release`.
   */
  body(from: number, to: number): Body;
  /** Lets go. To be called once by everybody who found it, when nobody reads the body any more. */
  release(): void;
  /**
   * The same body with another head, such as after a 304. With the `since` of the fill for which that was asked for, it answers the purges
   * before. False: it is not there any more, or there is no room.
   */
  replaceHead(head: string, since?: bigint): boolean;
}

/** Somebody, maybe in another thread, is asking the service. */
export interface OngoingFill {
  readonly kind: 'filling';
  /** What is in memory as long as the other one is not there. */
  readonly stored: StoredResponse<unknown> | null;
  /**
   * Fulfilled when it is worth to look again: its head is there and its body will follow (`open` with a length), all of it is
   * there, or the one who was busy gave up. Never rejected; fulfilled after `patienceMs` at the latest.
   */
  settled(patienceMs: number): Promise<void>;
}

/** What a fill is about to store. */
export interface FillPlan {
  readonly head: string;
  /** Bytes of the body, or `UNKNOWN_LENGTH`: then nobody else sees it before it is complete. */
  readonly length: number;
  /** By which it can be purged. */
  readonly tags: readonly string[];
  /** Most bytes of the body; it is given up when more come. */
  readonly maxBytes: number;
}

/**
 * A response on its way into memory. A purge of one of its tags since it was begun makes that it is never found.
 * Ends with `commit` or `abandon`; who does neither is found out when its thread ends.
 */
export interface Fill<T> {
  /** The last purge before it was begun. */
  readonly since: bigint;
  /** Begins to store. False: it is too large, or there is no room for it; the fill is over then. */
  open(plan: FillPlan): boolean;
  /** What is there so far, for the one who fills: as `find` gives it to others. Held like that. */
  share(): StoredResponse<T> | null;
  /** Copies the bytes. False: it became too large, and the fill is over. */
  write(chunk: Uint8Array): boolean;
  /** All of it is there. With fewer bytes than `length` said it is an abandonment. */
  commit(): void;
  /** Nothing comes of it: those who wait look after themselves, those who read hear that it broke off. */
  abandon(): void;
}

/** How to make stored responses go, for all threads at once. O(1), whatever is stored. */
export interface CachePurge {
  /** `hard`: as if it had never been there. `soft`: not without asking the service again. */
  purge(tags: readonly string[], kind: 'hard' | 'soft'): void;
}

/** What a memory holds at the moment, and what became of what was in it since the start. */
export interface CacheReadings {
  readonly capacityBytes: number;
  /** Of blocks that are in use: heads, bodies, keys and what is wasted in them. */
  readonly usedBytes: number;
  readonly entries: number;
  readonly evictions: number;
  /** What was stored for the first time. */
  readonly insertions: number;
  /** What was too large, or came for the first time where two are asked for. */
  readonly rejections: number;
  /** Purges so far. */
  readonly purges: number;
}

/** How often keys were asked for, whether there is anything under them or not. */
export interface CacheUses {
  /** Counts that it is asked for once more; gives how often that was lately, in all threads. Rarely too much: keys share counts. */
  seen(key: string): number;
}

/** A stored response for who looks after the memory. */
export interface CachedEntry {
  readonly key: string;
  readonly head: string;
  /** Bytes of the body. */
  readonly length: number;
  /** Of key, head and body in memory. */
  readonly usedBytes: number;
  readonly hits: number;
  readonly version: number;
  /** When it was stored, or its head was replaced; whole seconds. */
  readonly storedAtMs: number;
  readonly isSoftPurged: boolean;
}
