import { joinFirst, joinSecond, slotOf } from './hash.ts';
import { HostGroups } from './host-groups.ts';
import {
  ENTRY_WORDS,
  Header,
  HEADER_WORDS,
  MAGIC,
  PATH_RECORD_WORDS,
  Shape,
  SHAPE_WORDS,
  type TableNames,
} from './layout.ts';
import { MatchMemo } from './match-memo.ts';
import type { Match, MatchInput } from './match.ts';
import { parsePattern, readParameters, type PathPattern } from './pattern.ts';
import { compilePredicates } from './predicates.ts';
import { RouteTexts } from './route-texts.ts';
import { newSegments, splitSegments, type Seeds, type Segments } from './segments.ts';

const SLASH = 0x2f;
/** Of `{}/`, which stands for a parameter in a stored pattern. */
const PARAMETER_BYTES = 3;
/** The bit of GET in all tables (`newNumbering`). */
const GET = 1;

/** Reads a table that `compileRoutes` made, in place. Each data thread opens it once, in constant time. */
export function openRouteTable(buffer: SharedArrayBuffer): RouteTable {
  return new RouteTable(buffer);
}

/**
 * A route table as one data thread sees it. The routes lie in shared memory; of its own it has scratch space, and the
 * predicates of the routes that had to be looked at.
 *
 * This is tuple space search: the routes of a host have few different shapes (which segments are literal), so for each shape
 * that fits the number of segments, most specific first, the literal segments of the request are looked up in one hash table.
 * The work for a request is one scan of the path, then at most one probe for each such shape in at most (labels of the host +
 * 2) groups: bounded by the configuration, whatever the request.
 */
export class RouteTable {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #texts: RouteTexts;
  readonly #seeds: Seeds;
  readonly #segments: Segments;
  readonly #pathSlots: number;
  readonly #pathSlotMask: number;
  readonly #shapes: number;
  readonly #groupStarts: number;
  readonly #groups: HostGroups;
  readonly #methods: readonly string[];
  readonly #methodBits: ReadonlyMap<string, number>;
  readonly #listenerSets: readonly (readonly string[])[];
  /** Of the routes that were looked at: tests by route. */
  readonly #predicates = new Map<number, (input: MatchInput) => boolean>();
  readonly #patterns = new Map<number, PathPattern>();
  readonly #memo = new MatchMemo();
  #allowBits = 0;
  #allowText = '';

  // Of the request in hand.
  #group = 0;
  #wanted = 0;
  #isHead = false;
  #missedMethods = 0;
  #missedRoute = -1;
  /** Whether a header or a query parameter had a say. */
  #askedFields = false;

  constructor(buffer: SharedArrayBuffer) {
    const header = new Int32Array(buffer, 0, HEADER_WORDS);
    if (header[Header.magic] !== MAGIC) throw new Error('This buffer is no route table of this version');
    const bytesAt = header[Header.bytes] ?? 0;
    this.#words = new Int32Array(buffer, 0, bytesAt / 4);
    this.#bytes = new Uint8Array(buffer, bytesAt);
    this.#seeds = { first: header[Header.seedFirst] ?? 0, second: header[Header.seedSecond] ?? 0 };
    this.#segments = newSegments(header[Header.maxSegments] ?? 0);
    this.#pathSlots = header[Header.pathSlots] ?? 0;
    this.#pathSlotMask = header[Header.pathSlotMask] ?? 0;
    this.#shapes = header[Header.shapes] ?? 0;
    this.#groupStarts = header[Header.groups] ?? 0;
    this.#groups = new HostGroups(this.#words, this.#bytes);
    const bytes = Buffer.from(buffer, bytesAt);
    this.#texts = new RouteTexts(this.#words, bytes);
    const namesAt = header[Header.names] ?? 0;
    const names: TableNames = JSON.parse(
      bytes.toString('utf8', namesAt, namesAt + (header[Header.namesLength] ?? 0)),
    );
    this.#methods = names.methods;
    this.#methodBits = new Map(names.methods.map((method, bit) => [method, 1 << bit]));
    this.#listenerSets = names.listenerSets;
  }

  /** How many routes were compiled, with those that had problems. */
  get size(): number {
    return this.#words[Header.routeCount] ?? 0;
  }

  /** Finds the route of a request and writes it to `out`. Does not allocate, except for `allow` and what the memo keeps. */
  match(input: MatchInput, out: Match): void {
    splitSegments(input.path, this.#seeds, this.#segments);
    let route = this.#memo.find(input, this.#segments.hash);
    if (route === -1) route = this.#search(input);
    out.route = route;
    out.allow = '';
    out.kind = route === -1 ? 'not-found' : 'found';
    if (route !== -1 || this.#missedRoute === -1) return;
    out.route = this.#missedRoute;
    out.allow = this.#allow(this.#missedMethods);
    out.kind = input.method === 'OPTIONS' ? 'options' : 'method-not-allowed';
  }

  /** The id of a route. */
  id(route: number): string {
    return this.#texts.id(route);
  }

  /** The path pattern of a route as it was written. */
  path(route: number): string {
    return this.#texts.path(route);
  }

  /** What was given to `compileRoutes` for a route. Decoded on every call. */
  payload(route: number): string {
    return this.#texts.payload(route);
  }

  /** Names of the parameters of a route from left to right; a `/*` at the end is named `rest`. */
  paramNames(route: number): readonly string[] {
    return this.#pattern(route).names;
  }

  /** Values of the parameters in the order of `paramNames`, as they stand in the path, which must match the route. */
  params(route: number, path: string): string[] {
    return readParameters(this.#pattern(route), path);
  }

  /** The route that fits best, or -1 and in `#missedRoute` and `#missedMethods` what only lacked the method. */
  #search(input: MatchInput): number {
    const { method, host } = input;
    this.#wanted = this.#methodBits.get(method) ?? 0;
    this.#isHead = method === 'HEAD';
    this.#missedMethods = 0;
    this.#missedRoute = -1;
    this.#askedFields = false;
    const groupCount = this.#groups.find(host);
    for (let index = 0; index < groupCount; index++) {
      const route = this.#findInGroup(this.#groups.at(index), input);
      if (route === -1) continue;
      if (!this.#askedFields) this.#memo.note(input, route, this.#segments.hash);
      return route;
    }
    return -1;
  }

  /** The route of a group that fits, or -1. */
  #findInGroup(group: number, input: MatchInput): number {
    this.#group = group;
    const words = this.#words;
    const segments = this.#segments;
    const starts = (words[this.#groupStarts + group] ?? 0) + segments.count;
    const end = words[starts + 1] ?? 0;
    for (let list = words[starts] ?? 0; list < end; list++) {
      const shape = words[list] ?? 0;
      const at = this.#shapes + shape * SHAPE_WORDS;
      const hasEmptyParameter =
        ((words[at + Shape.parameterLow] ?? 0) & segments.emptyLow) |
        ((words[at + Shape.parameterHigh] ?? 0) & segments.emptyHigh);
      if (hasEmptyParameter !== 0) continue;
      const leading = words[at + Shape.leadingLiterals] ?? 0;
      let first = segments.joinedFirst[leading] ?? 0;
      let second = segments.joinedSecond[leading] ?? 0;
      const count = words[at + Shape.segments] ?? 0;
      for (let index = leading + 1; index < count; index++) {
        const literals = words[at + (index < 32 ? Shape.literalLow : Shape.literalHigh)] ?? 0;
        if ((literals & (1 << index)) === 0) continue;
        first = joinFirst(first, segments.first[index] ?? 0);
        second = joinSecond(second, segments.second[index] ?? 0);
      }
      first = joinFirst(joinFirst(first, group), shape);
      second = joinSecond(joinSecond(second, group), shape);
      const record = this.#findRecord(first, second, shape);
      if (record === 0) continue;
      const route = this.#findEntry(record, input);
      if (route !== -1) return route;
    }
    return -1;
  }

  /** The path record with these fingerprints whose stored pattern really is that of the request, or 0. */
  #findRecord(first: number, second: number, shape: number): number {
    const words = this.#words;
    const mask = this.#pathSlotMask;
    let slot = slotOf(first, second) & mask;
    for (;;) {
      const at = this.#pathSlots + slot * 2;
      const record = words[at + 1] ?? 0;
      if (record === 0) return 0;
      if (words[at] === first && words[record] === second && this.#isPattern(record, shape)) return record;
      slot = (slot + 1) & mask;
    }
  }

  /** Compares all that the fingerprint stands for: two patterns may share one. */
  #isPattern(record: number, shape: number): boolean {
    const words = this.#words;
    const bytes = this.#bytes;
    const { starts, ends, bytes: path } = this.#segments;
    if (words[record + 1] !== this.#group || words[record + 2] !== shape) return false;
    const at = this.#shapes + shape * SHAPE_WORDS;
    const count = words[at + Shape.segments] ?? 0;
    let stored = words[record + 3] ?? 0;
    for (let index = 0; index < count; index++) {
      const literals = words[at + (index < 32 ? Shape.literalLow : Shape.literalHigh)] ?? 0;
      if ((literals & (1 << index)) === 0) {
        stored += PARAMETER_BYTES;
        continue;
      }
      const end = ends[index] ?? 0;
      for (let from = starts[index] ?? 0; from < end; from++) {
        if (bytes[stored++] !== path[from]) return false;
      }
      if (bytes[stored++] !== SLASH) return false;
    }
    return true;
  }

  /** The best route of a path record that fits, or -1. Notes the methods of those that only lack the method. */
  #findEntry(record: number, input: MatchInput): number {
    const words = this.#words;
    const start = record + PATH_RECORD_WORDS;
    const end = start + (words[record + 4] ?? 0) * ENTRY_WORDS;
    let held = -1; // a route for HEAD by way of GET or of any method, until one with as many predicates names HEAD
    let heldPredicates = 0;
    for (let at = start; at < end; at += ENTRY_WORDS) {
      const methods = words[at + 1] ?? 0;
      const predicates = words[at + 3] ?? 0;
      const route = words[at] ?? 0;
      if (held !== -1 && predicates >> 1 < heldPredicates) return held;
      if (predicates !== 0 && !this.#holds(route, at, input)) continue;
      if ((methods & this.#wanted) !== 0) return route;
      if (methods === 0 || (this.#isHead && (methods & GET) !== 0)) {
        if (!this.#isHead) return route;
        if (held === -1) {
          held = route;
          heldPredicates = predicates >> 1;
        }
      } else {
        this.#missedMethods |= methods;
        if (this.#missedRoute === -1) this.#missedRoute = route;
      }
    }
    return held;
  }

  /** Whether listener, headers and query of the request are what the entry at `at` asks for. */
  #holds(route: number, at: number, input: MatchInput): boolean {
    const words = this.#words;
    const listenerSet = words[at + 2] ?? 0;
    if (listenerSet !== 0 && this.#listenerSets[listenerSet - 1]?.includes(input.listener) !== true) {
      return false;
    }
    if (((words[at + 3] ?? 0) & 1) === 0) return true;
    this.#askedFields = true;
    let test = this.#predicates.get(route);
    if (test === undefined) {
      test = compilePredicates(JSON.parse(this.#texts.predicates(route)));
      this.#predicates.set(route, test);
    }
    return test(input);
  }

  /** The value of `Allow` for these methods: GET implies HEAD, and the gateway itself answers OPTIONS. */
  #allow(bits: number): string {
    if (bits === this.#allowBits) return this.#allowText;
    const names = this.#methods.filter((_, bit) => (bits & (1 << bit)) !== 0);
    if (names.includes('GET') && !names.includes('HEAD')) names.splice(1, 0, 'HEAD');
    if (!names.includes('OPTIONS')) names.push('OPTIONS');
    this.#allowBits = bits;
    this.#allowText = names.join(', ');
    return this.#allowText;
  }

  #pattern(route: number): PathPattern {
    const known = this.#patterns.get(route);
    if (known !== undefined) return known;
    const pattern = parsePattern(this.path(route));
    if (typeof pattern === 'string') throw new Error(`${this.id(route)} is not in the table: ${pattern}`);
    this.#patterns.set(route, pattern);
    return pattern;
  }
}
