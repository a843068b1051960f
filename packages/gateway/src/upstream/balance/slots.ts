/** Shared memory with a line for each of many, such as `EndpointStates`. */
export interface SlotMemory {
  /** How many lines there are. */
  readonly slots: number;
  inflight(slot: number): number;
  /** Forgets what is known of a slot that gets another holder now. */
  reset(slot: number, nowMs: number): void;
}

interface Holding {
  readonly slot: number;
  /** Whose it is: groups come and go on their own. */
  group: string;
  /** Since when no configuration names it, or null while one does. */
  unusedSinceMs: number | null;
}

/** More endpoints, or services, than slots: the configuration that asked for them must not be applied. */
export class OutOfSlots extends Error {
  constructor(what: string, wanted: number, { held, capacity }: { held: number; capacity: number }) {
    super(
      `${wanted} new ${what} need a slot, but ${held} of ${capacity} are taken (recently removed ${what} keep ` +
        'theirs for a while)',
    );
    this.name = 'OutOfSlots';
  }
}

/** What makes an endpoint the same across reloads. A URL has no space in it, so no two endpoints share a key. */
export function slotKey(service: string, url: string): string {
  return `${url} ${service}`;
}

/**
 * Which endpoint has which line of the `EndpointStates`, or which service of the `ServiceLimits`. The supervisor's.
 *
 * An endpoint keeps its slot, and with it what is known of it, for as long as a configuration names it and
 * `graceMs` longer: registries lose endpoints for a moment, and exchanges hold on to their old snapshot.
 */
export class Slots {
  readonly #states: SlotMemory;
  readonly #graceMs: number;
  readonly #what: string;
  readonly #holdings = new Map<string, Holding>();
  /** The one that has been free for the longest comes first. */
  readonly #free: number[];

  constructor(states: SlotMemory, graceMs: number, what: 'endpoints' | 'services' = 'endpoints') {
    this.#states = states;
    this.#graceMs = graceMs;
    this.#what = what;
    this.#free = Array.from({ length: states.slots }, (_, slot) => slot);
  }

  /**
   * Gives a slot to each of the keys, which are all that the group has now: the others of it begin their grace.
   *
   * All or nothing: if there are too few slots it throws {@link OutOfSlots} and has changed nothing.
   */
  assign(keys: Iterable<string>, nowMs: number, group = ''): ReadonlyMap<string, number> {
    this.sweep(nowMs);
    const named = new Set(keys);
    const wanted = named.difference(this.#holdings).size;
    if (wanted > this.#free.length) throw this.#outOfSlots(wanted);

    for (const [key, holding] of this.#holdings) {
      if (holding.group === group && !named.has(key)) holding.unusedSinceMs ??= nowMs;
    }
    const assigned = new Map<string, number>();
    for (const key of named) assigned.set(key, this.#hold(key, group, nowMs));
    return assigned;
  }

  /** Frees the slots whose grace is over. One with something in flight waits until that has ended. */
  sweep(nowMs: number): void {
    for (const [key, { slot, unusedSinceMs }] of this.#holdings) {
      if (unusedSinceMs === null || nowMs - unusedSinceMs < this.#graceMs) continue;
      if (this.#states.inflight(slot) > 0) continue;
      this.#holdings.delete(key);
      this.#free.push(slot);
    }
  }

  #outOfSlots(wanted: number): OutOfSlots {
    return new OutOfSlots(this.#what, wanted, { held: this.#holdings.size, capacity: this.#states.slots });
  }

  #hold(key: string, group: string, nowMs: number): number {
    const held = this.#holdings.get(key);
    if (held !== undefined) {
      held.unusedSinceMs = null;
      held.group = group;
      return held.slot;
    }
    const slot = this.#free.shift();
    if (slot === undefined) throw this.#outOfSlots(1);
    this.#states.reset(slot, nowMs);
    this.#holdings.set(key, { slot, group, unusedSinceMs: null });
    return slot;
  }
}
