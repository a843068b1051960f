/**
 * How a compiled route table lies in its `SharedArrayBuffer`. Words are 32 bits, offsets count words unless they say bytes.
 *
 *   header       HEADER_WORDS words, named in `Header`
 *   hash slots   pairs of (first hash, record or 0), open addressing with linear probing, once for hosts and once for paths
 *   host record  second hash, group, length, text offset (bytes)
 *   path record  second hash, group, shape, pattern offset (bytes), number of entries, then the entries, best first
 *   entry        ENTRY_WORDS words: route, methods (0 = any), listener set (0 = any), predicate count × 2 + has field predicates
 *   shape        SHAPE_WORDS words, named in `Shape`
 *   shape lists  of a set of shapes: for each number of segments where its list starts, and one end; then the lists themselves,
 *                most specific shape first. Groups with the same shapes share them
 *   group        offset of its shape lists
 *   route        ROUTE_WORDS words, named in `Route`
 *   bytes        four texts a route, host names, and canonical patterns, each with a slash after it; offsets point behind the
 *                first slash
 *
 * A *group* is the routes of one host, of one `*.suffix` (stored as `.suffix`), or of any host: group 0.
 */
export const MAGIC = 0x54_4b_52_31; // "TKR1": a change of the layout changes the digit

export const HEADER_WORDS = 20;
export const ENTRY_WORDS = 4;
export const SHAPE_WORDS = 6;
export const ROUTE_WORDS = 5;
export const HOST_RECORD_WORDS = 4;
export const PATH_RECORD_WORDS = 5;

export const Header = {
  magic: 0,
  seedFirst: 1,
  seedSecond: 2,
  routes: 3,
  routeCount: 4,
  pathSlots: 5,
  pathSlotMask: 6,
  hostSlots: 7,
  hostSlotMask: 8,
  hostCount: 9,
  suffixCount: 10,
  groups: 11,
  shapes: 12,
  /** Segments that are looked at one by one. Longer paths differ in nothing that a pattern of this table can see. */
  maxSegments: 13,
  /** Where the bytes start, in bytes. */
  bytes: 14,
  /** JSON of `TableNames`, offset in bytes. */
  names: 15,
  namesLength: 16,
} as const;

export const Shape = {
  segments: 0,
  /** Literals before the first parameter. Most shapes have no others, and their hash is known from the scan of the path. */
  leadingLiterals: 1,
  literalLow: 2,
  literalHigh: 3,
  parameterLow: 4,
  parameterHigh: 5,
} as const;

/** Texts follow one another from `offset`, which counts bytes; the lengths are in bytes. */
export const Route = {
  offset: 0,
  idLength: 1,
  pathLength: 2,
  predicatesLength: 3,
  payloadLength: 4,
} as const;

/** The names behind the numbers of entries. */
export type TableNames = {
  /** Bit i of an entry's methods. */
  readonly methods: readonly string[];
  /** Listener set i + 1. */
  readonly listenerSets: readonly (readonly string[])[];
};

/** Methods are bits of one word. */
export const MAX_METHODS = 31;
