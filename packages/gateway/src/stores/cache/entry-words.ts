/**
 * Words of an entry. Those that a hit looks at and changes without the lock are in its first cache line.
 */
export const ENTRY = {
  /** Its version, if what a thread remembers of it may be given out unseen; 0 while a fill is under way, and when it is gone. */
  STAMP: 0,
  STATE: 1,
  /** How often it was found, times four; and in the low bits how often lately, for eviction. */
  USES: 2,
  /** Bytes of the body that are there. */
  WRITTEN: 3,
  /** Changes when there is something new for those who wait. */
  SIGNAL: 4,
  /** Whether somebody waits. */
  AWAITED: 5,
  /** Bytes of the body, or -1 as long as nobody knows. */
  LENGTH: 6,
  /** Its version: below 2³², and what is above. */
  VERSION: 7,
  VERSION_HIGH: 8,
  BODY: 9,
  HEAD: 10,
  TAGS: 11,
  KEY_BYTES: 12,
  HEAD_BYTES: 13,
  /** Of 64 bits: the number of the last purge when it was begun. */
  PURGE_NUMBER: 14,

  HASH: 16,
  HASH_HIGH: 17,
  /** The next in its bucket, or the next that is free. */
  NEXT: 18,
  /** Whether it can be found by its key. */
  IS_LISTED: 19,
  /** In which queue it is, or 0. */
  QUEUE: 20,
  /** What came into the queue after it, and before it. */
  YOUNGER: 21,
  OLDER: 22,
  /** Its blocks. */
  BLOCKS: 23,
  /** Whose fill it is: a seat and one, or 0. */
  FILLER: 24,
  /** The last run of a body that grows. */
  BODY_TAIL: 25,
  /** In seconds since 1970. */
  STORED_AT: 26,
} as const;

export const ENTRY_WORDS = 32;

/** States of an entry. */
export const EMPTY = 0;
/** Somebody asks the service. */
export const FILLING = 1;
/** Its head is there, and the length of its body is known: others may read it as it grows. */
export const OPEN = 2;
export const STORED = 3;
/** It was complete, and cannot be found any more. Somebody still reads it. */
export const GONE = 4;
/** Its fill was given up. Somebody still reads it. */
export const BROKEN = 5;
