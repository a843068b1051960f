import type { EndpointEntry } from '../../core/endpoint-set.ts';

/** An endpoint as a balancer sees it. */
export type BalancedEndpoint = Pick<
  EndpointEntry,
  'url' | 'slot' | 'weight' | 'zone' | 'priority' | 'isDraining'
>;

/** No endpoint can be picked. */
export const NONE = -1;

/** Indexes of the endpoints that an exchange tried before: very few. */
export type Tried = readonly number[];

/** Those of an exchange that begins. */
export const NOTHING_TRIED: Tried = Object.freeze([]);

/** Candidates that stand side by side: from `from` up to, but not including, `to`. */
export interface Run {
  readonly from: number;
  readonly to: number;
  /** Those before it are in the zone of this gateway. All of them, when it is in none. */
  readonly localTo: number;
}

/** Candidates of one priority. */
export interface Level extends Run {
  readonly priority: number;
  /** The same candidates by zone, our own first. One without zones, or when this gateway is in none. */
  readonly zones: readonly Run[];
}

/**
 * The endpoints that get new callers, as parallel arrays, because balancers walk them on every pick: by priority, within
 * one by zone, otherwise in the order that they came in. Says who they are; `Outlook` says who of them is fit.
 */
export class Candidates {
  readonly count: number;
  readonly levels: readonly Level[];
  readonly #indexes: Int32Array;
  readonly #urls: readonly string[];
  readonly #slots: Int32Array;
  readonly #weights: Float64Array;
  readonly #levelOf: Int32Array;

  /** `localZone` is where this gateway is, or null. */
  constructor(endpoints: readonly BalancedEndpoint[], localZone: string | null) {
    const placed = endpoints
      .map((endpoint, index): Placed => ({ ...endpoint, index, place: placeOf(endpoint, localZone) }))
      .filter(({ weight, isDraining }) => weight > 0 && weight < Infinity && !isDraining)
      .sort((a, b) => a.priority - b.priority || compare(a.place, b.place) || a.index - b.index);
    this.count = placed.length;
    this.levels = levelsOf(placed);
    this.#indexes = Int32Array.from(placed, (e) => e.index);
    this.#urls = placed.map((e) => e.url);
    this.#slots = Int32Array.from(placed, (e) => e.slot);
    this.#weights = Float64Array.from(placed, (e) => e.weight);
    this.#levelOf = new Int32Array(this.count);
    this.levels.forEach(({ from, to }, level) => this.#levelOf.fill(level, from, to));
  }

  /** Its index in the list that the caller gave. */
  index(at: number): number {
    return this.#indexes[at] ?? NONE;
  }

  url(at: number): string {
    return this.#urls[at] ?? '';
  }

  slot(at: number): number {
    return this.#slots[at] ?? NONE;
  }

  /** As configured. */
  weight(at: number): number {
    return this.#weights[at] ?? 0;
  }

  /** Its place in `levels`. */
  level(at: number): number {
    return this.#levelOf[at] ?? 0;
  }
}

interface Placed extends BalancedEndpoint {
  readonly index: number;
  /** A text that sorts {@link LOCAL} first. */
  readonly place: string;
}

const LOCAL = '';

function placeOf({ zone }: BalancedEndpoint, localZone: string | null): string {
  return localZone === null || zone === localZone ? LOCAL : `in ${zone ?? ''}`;
}

/** Not by locale: every gateway has to sort alike. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function levelsOf(placed: readonly Placed[]): Level[] {
  const bounds = boundsOf(placed.map(({ priority }) => String(priority)));
  return bounds.map(([from, to]) => {
    const zones = boundsOf(placed.slice(from, to).map(({ place }) => place));
    const isLocal = placed[from]?.place === LOCAL;
    const localTo = isLocal ? from + (zones[0]?.[1] ?? 0) : from;
    return {
      priority: placed[from]?.priority ?? 0,
      from,
      to,
      localTo,
      zones: zones.map(([first, end]) => ({ from: from + first, to: from + end, localTo: from + end })),
    };
  });
}

/** Where runs of the same key begin and end. */
function boundsOf(keys: readonly string[]): (readonly [from: number, to: number])[] {
  const starts = keys.flatMap((key, at) => (at === 0 || key !== keys[at - 1] ? [at] : []));
  return starts.map((from, i) => [from, starts[i + 1] ?? keys.length]);
}
