/** Words of the header of a cache. What many threads write at once has a cache line of its own. */
export const WORD = {
  SEATS: 0,
  RUNS: 1,
  ENTRIES: 2,
  PURGE_SLOTS: 3,
  USE_COUNTS: 4,
  /** Two random words, so that nobody outside knows which keys meet. */
  HASH_KEY: 5,

  /** 0, or who holds the lock. */
  LOCK: 16,
  /** Whether somebody sleeps until the lock is free. */
  LOCK_AWAITED: 17,

  /** Changes with each purge, after its slots were written. */
  PURGES_DONE: 32,
  /** Of 64 bits: the number of the last purge. */
  PURGE_NUMBER: 34,

  /** How many counts of uses were made. */
  USES: 48,

  // All that follows is changed by the holder of the lock only.
  /** The number of the last version: below 2³², and what is above. */
  VERSION: 64,
  VERSION_HIGH: 65,
  FREE_ENTRY: 66,
  /** The first entry that was never used. */
  FRESH_ENTRY: 67,
  /** The first block that was never used. */
  FRONTIER: 68,
  USED_BLOCKS: 69,
  /** Of fills, which cannot be evicted. */
  FILL_BLOCKS: 70,
  STORED: 71,
  EVICTIONS: 72,
  INSERTIONS: 73,
  REJECTIONS: 74,
  /** How much was evicted from the small queue: the time of ghosts. */
  GHOST_TIME: 75,
  /** Entries with a fill that is under way. */
  FILLS: 76,
  /** How often all was given up because somebody died in the middle of a change. */
  REBUILDS: 77,
  /** A queue is four words: first, last, blocks and entries. */
  SMALL: 80,
  MAIN: 84,
  /** First free run of each order. */
  FREE_RUNS: 88,
} as const;

export const HEADER_WORDS = 128;
