import type { PickReason } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import { NONE, type Run, type Tried } from './candidates.ts';
import type { EndpointStates } from './endpoint-states.ts';
import { MedianLatency } from './median-latency.ts';
import { OPEN, PENALISED, type Fitness, type Outlook } from './outlook.ts';
import type { Rule } from './rule.ts';

/** What makes an endpoint dear: the work it has, or also the time it takes. */
export type Cost = 'latency-and-load' | 'load';

/** Up to this many candidates all are compared; of more, so many are drawn at random. */
const COMPARE_ALL = 8;
const DRAWN = 5;
/** So many of them in our own zone, if there are any: else a small one would seldom be drawn. */
const DRAWN_NEAR = 3;

/** What the way to another zone costs. */
const DISTANCE_US = 5_000;
/** Where latency does not count: there, a request under way is worth the way. */
const DISTANCE_FACTOR = 2.83;

/** A rule that picks the candidate with the least score; see {@link LeastScore}. */
export function leastScore(
  cost: Cost,
  outlook: Outlook,
  ports: { states: EndpointStates; random: Random },
): Rule {
  return new LeastScore(cost, outlook, ports);
}

/**
 * Picks the endpoint with the least expected latency × (in flight + 1)^1.5 / weight × distance.
 *
 * Latency and load are those of all threads, so few candidates are enough to find a good one, and threads do not all
 * choose the same. What is expected of an endpoint that was not used for long fades towards the median of the
 * service; otherwise one that was slow for a while would never be used again.
 *
 * A weight is a tendency, not a quota: 9 to 1 gives the heavier all requests that come alone, and 80 % under load.
 * Exact shares are for round-robin, or for a route that splits its traffic.
 *
 * Distance makes another zone dearer by 5 ms for a median endpoint. So what is near is preferred as long as it is quick and
 * idle, and trouble or load spills over by itself.
 */
class LeastScore implements Rule {
  readonly #weighsLatency: boolean;
  readonly #outlook: Outlook;
  readonly #states: EndpointStates;
  readonly #random: Random;
  readonly #median: MedianLatency;
  /** A permutation of each run of candidates; drawing shuffles it. */
  readonly #order: Int32Array;
  /** Those to compare, in front. */
  readonly #drawn: Int32Array;
  readonly reason: PickReason;

  constructor(cost: Cost, outlook: Outlook, { states, random }: { states: EndpointStates; random: Random }) {
    this.reason = cost === 'load' ? 'least-request' : 'adaptive';
    this.#weighsLatency = cost === 'latency-and-load';
    this.#outlook = outlook;
    this.#states = states;
    this.#random = random;
    this.#median = new MedianLatency(outlook.candidates, states, random);
    const { count } = outlook.candidates;
    this.#order = Int32Array.from({ length: count }, (_, at) => at);
    this.#drawn = new Int32Array(Math.max(count, DRAWN));
  }

  get medianUs(): number {
    return this.#median.us;
  }

  pickIn(run: Run, tried: Tried, nowMs: number): number {
    this.#median.noteUse(nowMs);
    if (run.to - run.from > COMPARE_ALL) {
      const best = this.#least(run, this.#draw(run), tried, nowMs);
      if (best !== NONE && this.#outlook.fitness(best, tried, nowMs) === OPEN) return best;
    }
    return this.#least(run, this.#drawAll(run), tried, nowMs);
  }

  /** The best of the drawn: an open one before a penalised one, then by score, then the first. */
  #least({ localTo, to }: Run, many: number, tried: Tried, nowMs: number): number {
    const distance = localTo === to ? 1 : this.#distance();
    let best = NONE;
    let bestFitness: Fitness = PENALISED;
    let bestScore = Number.POSITIVE_INFINITY;
    for (let i = 0; i < many; i++) {
      const at = this.#drawn[i] ?? NONE;
      const fitness = this.#outlook.fitness(at, tried, nowMs);
      if (fitness < bestFitness) continue;
      const score = at < localTo ? this.#score(at, nowMs) : this.#score(at, nowMs) * distance;
      if (fitness === bestFitness && score >= bestScore) continue;
      best = at;
      bestFitness = fitness;
      bestScore = score;
    }
    return best;
  }

  #score(at: number, nowMs: number): number {
    const slot = this.#outlook.candidates.slot(at);
    const load = this.#states.inflight(slot) + 1;
    const expectedUs = this.#weighsLatency ? this.#states.expectedUs(slot, nowMs, this.#median.us) : 1;
    return (expectedUs * load * Math.sqrt(load)) / this.#outlook.weight(at);
  }

  /** How much dearer another zone is. */
  #distance(): number {
    return this.#weighsLatency ? 1 + DISTANCE_US / this.#median.us : DISTANCE_FACTOR;
  }

  /** Puts different candidates, each equally likely, into `#drawn`; gives how many. */
  #draw({ from, localTo, to }: Run): number {
    const near = Math.min(DRAWN_NEAR, localTo - from);
    if (near === 0 || localTo === to) return this.#drawFrom(from, to, 0, DRAWN);
    return this.#drawFrom(localTo, to, this.#drawFrom(from, localTo, 0, near), DRAWN);
  }

  /** All of them, beginning anywhere, so that equals share: in a new service all are. */
  #drawAll({ from, to }: Run): number {
    const count = to - from;
    let at = from + this.#random.below(count);
    for (let i = 0; i < count; i++) {
      this.#drawn[i] = at++;
      if (at === to) at = from;
    }
    return count;
  }

  /** Draws until there are `until` of them, or all are drawn, behind `drawn` others. */
  #drawFrom(from: number, to: number, drawn: number, until: number): number {
    const order = this.#order;
    let place = from;
    for (; drawn < until && place < to; place++) {
      const other = place + this.#random.below(to - place);
      const at = order[other] ?? NONE;
      order[other] = order[place] ?? NONE;
      order[place] = at;
      this.#drawn[drawn++] = at;
    }
    return drawn;
  }
}
