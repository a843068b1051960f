import { TextHash } from './text-hash.ts';

/** Entries of a table; a prime, so that every step reaches all of them. The same for few and for many members: with another
 * size, every key would move. */
export const TABLE_SIZE = 65_537;

/** A member of a table. */
export interface MaglevMember {
  /** Alike in all gateways. */
  readonly name: string;
  readonly weight: number;
}

/** Which member has which keys. */
export interface MaglevTable {
  /** By name; of one name the first. */
  readonly members: readonly MaglevMember[];
  /** For the hash of a key modulo {@link TABLE_SIZE}: place among the members. */
  readonly entries: Uint16Array;
}

const FREE = 0xffff;
/** A member this many times as heavy as the average takes a turn in every round. One that is heavier takes several, or rounds
 * in which hardly anybody else takes one would never end. */
const HEAVIEST = 100;

/**
 * The table of Maglev (Eisenbud and others, NSDI 2016): each member has its own order of the entries, and they take turns in
 * taking the first that is free, as often as their weights say. It depends on names and weights, not on the order in which
 * they are given; when a member goes, its keys spread over the others, and few else move.
 *
 * `before` is given back when it has the same members.
 */
export function maglevTable(given: readonly MaglevMember[], before: MaglevTable | null): MaglevTable {
  const members = sorted(given);
  if (before !== null && isSame(members, before.members)) return before;
  return { members, entries: entriesOf(members) };
}

function entriesOf(members: readonly MaglevMember[]): Uint16Array {
  const entries = new Uint16Array(TABLE_SIZE).fill(FREE);
  const { places, steps } = ordersOf(members);
  const turns = turnsOf(members);
  const credits = new Float64Array(members.length);
  for (let taken = 0; ;) {
    for (let member = 0; member < members.length; member++) {
      let credit = (credits[member] ?? 0) + (turns[member] ?? 0);
      for (; credit >= 1; credit--) {
        const step = steps[member] ?? 1;
        let place = places[member] ?? 0;
        while (entries[place] !== FREE)
          place = place + step < TABLE_SIZE ? place + step : place + step - TABLE_SIZE;
        entries[place] = member;
        places[member] = place;
        if (++taken === TABLE_SIZE) return entries;
      }
      credits[member] = credit;
    }
  }
}

/** Where each member begins, and by how much it goes on. */
function ordersOf(members: readonly MaglevMember[]): { places: Uint32Array; steps: Uint32Array } {
  const hash = new TextHash(0);
  const places = new Uint32Array(members.length);
  const steps = new Uint32Array(members.length);
  members.forEach(({ name }, member) => {
    hash.of(name);
    places[member] = hash.first % TABLE_SIZE;
    steps[member] = 1 + (hash.second % (TABLE_SIZE - 1));
  });
  return { places, steps };
}

/** How many entries each member takes in a round. */
function turnsOf(members: readonly MaglevMember[]): Float64Array {
  const weights = Float64Array.from(members, ({ weight }) => weight);
  const heaviest = weights.reduce((a, b) => Math.max(a, b), 0);
  const average = weights.reduce((a, b) => a + b, 0) / weights.length;
  const unit = Math.min(heaviest, HEAVIEST * average);
  return weights.map((weight) => weight / unit);
}

/** Not by locale: every gateway has to sort alike. No more than entries can tell apart. */
function sorted(members: readonly MaglevMember[]): MaglevMember[] {
  const byName = members.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  return byName.filter(({ name }, at) => name !== byName[at - 1]?.name).slice(0, FREE);
}

function isSame(members: readonly MaglevMember[], before: readonly MaglevMember[]): boolean {
  return (
    members.length === before.length &&
    members.every(({ name, weight }, at) => name === before[at]?.name && weight === before[at].weight)
  );
}
