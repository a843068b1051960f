import { ByteWriter } from './byte-writer.ts';
import { addFirst, addSecond, joinFirst, joinSecond, slotOf } from './hash.ts';
import {
  ENTRY_WORDS,
  Header,
  HEADER_WORDS,
  HOST_RECORD_WORDS,
  MAGIC,
  PATH_RECORD_WORDS,
  Route,
  ROUTE_WORDS,
  Shape,
  SHAPE_WORDS,
  type TableNames,
} from './layout.ts';
import { MAX_SEGMENTS } from './pattern.ts';
import { newSegments, splitSegments, type Seeds, type Segments } from './segments.ts';
import type { RouteSource } from './route-pattern.ts';
import { longest, segmentsOf, shapeLists } from './shape-lists.ts';
import type { Bucket, TablePlan } from './table-plan.ts';

/** Everything that goes into a table. */
export type TableParts = {
  readonly routes: readonly RouteSource[];
  readonly plan: TablePlan;
  readonly names: TableNames;
  readonly seeds: Seeds;
};

/** Writes a table as `layout.ts` describes it. */
export function writeTable({ routes, plan, names, seeds }: TableParts): SharedArrayBuffer {
  const shapes = [...plan.shapes.keys()];
  let bucketCount = 0;
  let entryCount = 0;
  for (const { buckets } of plan.groups.values()) {
    bucketCount += buckets.size;
    for (const { routes } of buckets.values()) entryCount += routes.length;
  }

  // 1. Where everything begins.
  let next = HEADER_WORDS;
  const take = (words: number): number => (next += words) - words;
  const pathSlotCount = slotCount(bucketCount);
  const hostSlotCount = slotCount(plan.groups.size);
  const pathSlots = take(2 * pathSlotCount);
  const hostSlots = take(2 * hostSlotCount);
  const groupsAt = take(plan.groups.size);
  const shapesAt = take(shapes.length * SHAPE_WORDS);
  const routesAt = take(routes.length * ROUTE_WORDS);
  const hostRecords = take(plan.groups.size * HOST_RECORD_WORDS);
  const pathRecords = take(bucketCount * PATH_RECORD_WORDS + entryCount * ENTRY_WORDS);
  const lists = shapeLists(
    [...plan.groups.values()].map((group) => group.shapes),
    shapes,
    next,
  );
  const listsAt = take(lists.words.length);

  // 2. The words and the bytes, in ordinary memory until the number of bytes is known.
  const words = new Int32Array(next);
  const bytes = new ByteWriter(expectedBytes(routes));
  for (const [index, shape] of shapes.entries()) writeShape(shape, words, shapesAt + index * SHAPE_WORDS);
  for (const [index, route] of routes.entries()) {
    writeRoute(route, { words, bytes }, routesAt + index * ROUTE_WORDS);
  }
  words.set(lists.startsOfGroups, groupsAt);
  words.set(lists.words, listsAt);
  writeHosts(
    plan.groups.keys(),
    { words, bytes, seeds, slots: hostSlots, mask: hostSlotCount - 1 },
    hostRecords,
  );
  writePaths(plan.groups, { words, bytes, seeds, slots: pathSlots, mask: pathSlotCount - 1 }, pathRecords);
  words[Header.names] = bytes.length;
  words[Header.namesLength] = bytes.write(JSON.stringify(names));

  words[Header.magic] = MAGIC;
  words[Header.seedFirst] = seeds.first;
  words[Header.seedSecond] = seeds.second;
  words[Header.routes] = routesAt;
  words[Header.routeCount] = routes.length;
  words[Header.pathSlots] = pathSlots;
  words[Header.pathSlotMask] = pathSlotCount - 1;
  words[Header.hostSlots] = hostSlots;
  words[Header.hostSlotMask] = hostSlotCount - 1;
  words[Header.hostCount] = plan.groups.size - 1;
  words[Header.suffixCount] = plan.groups.keys().reduce((sum, host) => sum + Number(host.startsWith('.')), 0);
  words[Header.groups] = groupsAt;
  words[Header.shapes] = shapesAt;
  words[Header.maxSegments] = longest(shapes);
  words[Header.bytes] = words.byteLength;

  // 3. Both together where all threads can see them.
  const buffer = new SharedArrayBuffer(words.byteLength + bytes.length);
  new Int32Array(buffer, 0, words.length).set(words);
  new Uint8Array(buffer, words.byteLength).set(bytes.written());
  return buffer;
}

/** About as many as will be written, so that megabytes are not copied again and again while they grow. */
function expectedBytes(routes: readonly RouteSource[]): number {
  const longest = routes.reduce((most, { payload }) => Math.max(most, payload.length), 0);
  return routes.reduce((sum, { payload }) => sum + payload.length + 160, 3 * longest + 1024);
}

type Output = { readonly words: Int32Array; readonly bytes: ByteWriter };
type HashedOutput = Output & { readonly seeds: Seeds; readonly slots: number; readonly mask: number };

function writeShape(shape: string, words: Int32Array, at: number): void {
  const count = segmentsOf(shape);
  words[at + Shape.segments] = count;
  words[at + Shape.leadingLiterals] = /^L*/.exec(shape)?.[0].length ?? 0;
  for (let segment = 0; segment < count; segment++) {
    const mask = shape.charAt(segment) === 'L' ? Shape.literalLow : Shape.parameterLow;
    const word = at + mask + (segment < 32 ? 0 : 1);
    words[word] = (words[word] ?? 0) | (1 << segment);
  }
}

function writeRoute(route: RouteSource, { words, bytes }: Output, at: number): void {
  const { id, path, headers, query, payload } = route;
  const predicates = headers.length + query.length === 0 ? '' : JSON.stringify({ headers, query });
  const text = id + path + predicates + payload;
  words[at + Route.offset] = bytes.length;
  words[at + Route.idLength] = id.length;
  words[at + Route.pathLength] = path.length;
  words[at + Route.predicatesLength] = predicates.length;
  words[at + Route.payloadLength] = payload.length;
  if (bytes.write(text) === text.length) return;
  // Not all of it is ASCII, so lengths in bytes are not lengths in characters.
  words[at + Route.idLength] = Buffer.byteLength(id);
  words[at + Route.pathLength] = Buffer.byteLength(path);
  words[at + Route.predicatesLength] = Buffer.byteLength(predicates);
  words[at + Route.payloadLength] = Buffer.byteLength(payload);
}

function writeHosts(hosts: Iterable<string>, output: HashedOutput, records: number): void {
  const { words, bytes, seeds } = output;
  let record = records;
  let group = -1;
  for (const host of hosts) {
    group++;
    if (group === 0) continue;
    let { first, second } = seeds;
    // From the right, so that a lookup has the hashes of all suffixes after one scan.
    for (let at = host.length - 1; at >= 0; at--) {
      first = addFirst(first, host.charCodeAt(at));
      second = addSecond(second, host.charCodeAt(at));
    }
    words[record] = second;
    words[record + 1] = group;
    words[record + 2] = host.length;
    words[record + 3] = bytes.length;
    bytes.write(host);
    putSlot(output, first, record);
    record += HOST_RECORD_WORDS;
  }
}

function writePaths(groups: TablePlan['groups'], output: HashedOutput, records: number): void {
  const segments = newSegments(MAX_SEGMENTS);
  let record = records;
  let group = 0;
  for (const { buckets } of groups.values()) {
    for (const [canonical, bucket] of buckets) {
      splitSegments(canonical, output.seeds, segments);
      record = writePath(bucket, { canonical, group, record, segments }, output);
    }
    group++;
  }
}

type Place = {
  readonly canonical: string;
  readonly group: number;
  readonly record: number;
  readonly segments: Segments;
};

/** Writes a path record and its entries and gives the offset after them. */
function writePath(
  { shape, routes }: Bucket,
  { canonical, group, record, segments }: Place,
  output: HashedOutput,
): number {
  const { words, bytes, seeds } = output;
  let { first, second } = seeds;
  const kinds = routes[0]?.pattern.shape ?? '';
  for (let index = 0; index < kinds.length; index++) {
    if (kinds.charAt(index) !== 'L') continue;
    first = joinFirst(first, segments.first[index] ?? 0);
    second = joinSecond(second, segments.second[index] ?? 0);
  }
  first = joinFirst(joinFirst(first, group), shape);
  second = joinSecond(joinSecond(second, group), shape);
  words[record] = second;
  words[record + 1] = group;
  words[record + 2] = shape;
  words[record + 3] = bytes.length + 1;
  words[record + 4] = routes.length;
  bytes.write(`${canonical}/`);
  putSlot(output, first, record);
  return writeEntries(routes, words, record + PATH_RECORD_WORDS);
}

function writeEntries(routes: Bucket['routes'], words: Int32Array, start: number): number {
  let at = start;
  for (const route of routes) {
    words[at] = route.index;
    words[at + 1] = route.methods;
    words[at + 2] = route.listenerSet;
    words[at + 3] = route.predicateCount * 2 + (route.predicateKey === '' ? 0 : 1);
    at += ENTRY_WORDS;
  }
  return at;
}

/** At most half full, so that a miss ends after one or two slots. */
function slotCount(records: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, records * 2)));
}

function putSlot({ words, slots, mask }: HashedOutput, first: number, record: number): void {
  let slot = slotOf(first, words[record] ?? 0) & mask;
  while (words[slots + slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
  words[slots + slot * 2] = first;
  words[slots + slot * 2 + 1] = record;
}
