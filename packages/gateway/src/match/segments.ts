import { addFirst, addSecond, joinFirst, joinSecond } from './hash.ts';

const SLASH = 0x2f;
const USUAL_PATH_BYTES = 4096;

const encoder = new TextEncoder();

/** The random starts of both lanes of the hashes. */
export type Seeds = { readonly first: number; readonly second: number };

/** The segments of one path: where they are, their hashes in both lanes, and which are empty. Reused from path to path. */
export type Segments = {
  /** The path in UTF-8, and a slash after it. */
  bytes: Uint8Array;
  /** How many there are; one more than the limit when there are more. */
  count: number;
  /** Bit i is set when segment i is empty, for the first 32 and the next 32. */
  emptyLow: number;
  emptyHigh: number;
  /** Of all segments that were split. */
  hash: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** At i: the hashes of the segments before segment i, joined. */
  readonly joinedFirst: Int32Array;
  readonly joinedSecond: Int32Array;
};

/** Room for the segments of paths up to a limit. */
export function newSegments(limit: number): Segments {
  return {
    bytes: new Uint8Array(USUAL_PATH_BYTES),
    count: 0,
    emptyLow: 0,
    emptyHigh: 0,
    hash: 0,
    starts: new Int32Array(limit),
    ends: new Int32Array(limit),
    first: new Int32Array(limit),
    second: new Int32Array(limit),
    joinedFirst: new Int32Array(limit + 1),
    joinedSecond: new Int32Array(limit + 1),
  };
}

/**
 * Splits and hashes a path, which starts with a slash, in one scan. Stops when the room in `segments` is full.
 *
 * Copies the path into bytes first: paths are slices of a request head, and one copy is cheaper than `charCodeAt`, which finds
 * its way through the slice for every character (measured on 33 characters: 100 ns against 135 ns, and it saves as much
 * again when the literals are compared).
 */
export function splitSegments(path: string, seeds: Seeds, segments: Segments): void {
  const { starts, ends, first, second, joinedFirst, joinedSecond } = segments;
  // A character takes three bytes at most, though normalised paths are ASCII.
  if (path.length * 3 >= segments.bytes.length) segments.bytes = new Uint8Array(path.length * 6);
  const { bytes } = segments;
  const length = encoder.encodeInto(path, bytes).written;
  bytes[length] = SLASH;
  const limit = starts.length;
  let emptyLow = 0;
  let emptyHigh = 0;
  // A table of nothing but `/*` looks at no segment.
  let count = limit === 0 ? 1 : 0;
  let start = 1;
  let a = seeds.first;
  let b = seeds.second;
  let joinedA = a;
  let joinedB = b;
  joinedFirst[0] = joinedA;
  joinedSecond[0] = joinedB;
  for (let at = 1; at <= length && count <= limit; at++) {
    const code = bytes[at] ?? SLASH;
    if (code !== SLASH) {
      a = addFirst(a, code);
      b = addSecond(b, code);
      continue;
    }
    if (at === start) {
      if (count < 32) emptyLow |= 1 << count;
      else emptyHigh |= 1 << count;
    }
    starts[count] = start;
    ends[count] = at;
    first[count] = a;
    second[count] = b;
    count++;
    joinedA = joinFirst(joinedA, a);
    joinedB = joinSecond(joinedB, b);
    joinedFirst[count] = joinedA;
    joinedSecond[count] = joinedB;
    if (count === limit && at < length) count++;
    start = at + 1;
    a = seeds.first;
    b = seeds.second;
  }
  segments.count = count;
  segments.emptyLow = emptyLow;
  segments.emptyHigh = emptyHigh;
  segments.hash = joinedA;
}
