import type { Balancer as BalancerConfig } from '@turnpike/config';
import type { Exchange, PickReason } from '../../core/exchange.ts';
import type { KeyPart } from '../../core/limit-key-parts.ts';
import type { Balancer } from './balancer.ts';
import { BoundedLoad } from './bounded-load.ts';
import { NONE, type Candidates, type Tried } from './candidates.ts';
import type { EndpointStates } from './endpoint-states.ts';
import { hashKey } from './hash-key.ts';
import { maglevTable, TABLE_SIZE, type MaglevTable } from './maglev-table.ts';
import { OPEN, type Outlook } from './outlook.ts';
import { TextHash } from './text-hash.ts';

type HashConfig = Extract<BalancerConfig, { kind: 'hash' }>;

/** Endpoints that a key may come to, before load alone decides. */
const MAX_HOSTS = 16;
/** Entries that are looked at to find so many. */
const MAX_STEPS = 64;

/** Tables of a service by priority. They outlive its balancers, because it takes milliseconds to make one. */
export type MaglevTables = Map<number, MaglevTable>;

/** What a hash balancer is made of. */
export interface HashParts {
  readonly outlook: Outlook;
  readonly states: EndpointStates;
  /** For exchanges without a key, and for those whose endpoints have no room. */
  readonly otherwise: Balancer;
  /** Of the balancer before; those of this one take their place. */
  readonly tables: MaglevTables;
}

/** A balancer that gives equal keys to equal endpoints; see {@link HashBalancer}. */
export function hashBalancer(config: HashConfig, parts: HashParts): Balancer {
  return new HashBalancer(config, parts);
}

/**
 * Maglev with bounded loads. A key comes to the endpoint that the table says; if that one is down, was tried, asked for a
 * pause or has its fill, to the next that the key meets on its way through the table, always in the same order. So what is
 * known of a key (a cache, a session) is found again, in all threads and all gateways, and nothing but the keys of an endpoint
 * moves when it falls ill: health does not change the table.
 *
 * The hash has no secret seed: all gateways must agree. Who chooses keys that meet wins nothing, since loads are bounded.
 */
class HashBalancer implements Balancer {
  readonly #parts: HashParts;
  readonly #keyOf: KeyPart;
  readonly #hash = new TextHash(1);
  readonly #load: BoundedLoad;
  readonly #levels: readonly LevelTable[];
  /** The walk in which each candidate was met last. */
  readonly #metIn: Int32Array;
  #walks = 0;
  /** Whether the last walk ended where it began. */
  #isFirst = true;
  reason: PickReason = 'hash';

  constructor(config: HashConfig, parts: HashParts) {
    const { outlook, states, tables } = parts;
    this.#parts = parts;
    this.#keyOf = hashKey(config.by);
    this.#load = new BoundedLoad(config.boundedLoad, outlook, states);
    this.#levels = levelTables(outlook.candidates, tables);
    this.#metIn = new Int32Array(outlook.candidates.count);
  }

  get medianUs(): number {
    return this.#parts.otherwise.medianUs;
  }

  cookieFor(): null {
    return null;
  }

  pick(tried: Tried, nowMs: number, exchange: Exchange): number {
    const { otherwise, outlook } = this.#parts;
    const key = this.#keyOf(exchange);
    const at = key === null ? NONE : this.#pickFor(key, tried, nowMs);
    if (at !== NONE) {
      const kept = this.#isFirst ? 'hash' : 'moved';
      this.reason = outlook.take(at) === 'down' ? 'panic' : kept;
      return outlook.candidates.index(at);
    }
    const index = otherwise.pick(tried, nowMs, exchange);
    this.reason = key === null || otherwise.reason === 'panic' ? otherwise.reason : 'moved';
    return index;
  }

  #pickFor(key: string, tried: Tried, nowMs: number): number {
    const { outlook } = this.#parts;
    outlook.begin(tried, nowMs);
    this.#load.begin();
    this.#hash.of(key);
    const at = this.#walk();
    if (!outlook.isStale) return at;
    outlook.look();
    return this.#walk();
  }

  /** The first endpoint on the way of the key that is open and has room. */
  #walk(): number {
    const { outlook } = this.#parts;
    const table = this.#levels[this.#level()];
    if (table === undefined) return NONE;
    const walk = (this.#walks = (this.#walks + 1) | 0);
    const step = 1 + (this.#hash.second % (TABLE_SIZE - 1));
    let entry = this.#hash.first % TABLE_SIZE;
    let hosts = 0;
    for (let steps = 0; steps < MAX_STEPS && hosts < MAX_HOSTS; steps++) {
      const at = table.candidates[table.entries[entry] ?? 0] ?? NONE;
      entry = (entry + step) % TABLE_SIZE;
      if (this.#metIn[at] === walk) continue;
      this.#metIn[at] = walk;
      hosts++;
      if (outlook.fitness(at) !== OPEN || !this.#load.hasRoom(at)) continue;
      this.#isFirst = hosts === 1;
      return at;
    }
    return NONE;
  }

  /** By the key as well: while a level gets less than all, it keeps the keys that it has. */
  #level(): number {
    const { levelShares } = this.#parts.outlook;
    let rest = this.#hash.second * 2 ** -32;
    for (let level = 0; level < levelShares.length; level++) {
      rest -= levelShares[level] ?? 0;
      if (rest < 0) return level;
    }
    return 0;
  }
}

/** The table of one level. */
interface LevelTable {
  readonly entries: Uint16Array;
  /** By place in the table. */
  readonly candidates: Int32Array;
}

/** Makes what is not in `tables` yet, and leaves there what is in use. */
function levelTables(candidates: Candidates, tables: MaglevTables): LevelTable[] {
  const before = new Map(tables);
  tables.clear();
  return candidates.levels.map(({ priority, from, to }) => {
    const places = Array.from({ length: to - from }, (_, i) => from + i);
    const members = places.map((at) => ({ name: candidates.url(at), weight: candidates.weight(at) }));
    const table = maglevTable(members, before.get(priority) ?? null);
    tables.set(priority, table);
    const byName = new Map(members.map(({ name }, i) => [name, from + i]));
    return {
      entries: table.entries,
      candidates: Int32Array.from(table.members, ({ name }) => byName.get(name) ?? NONE),
    };
  });
}
