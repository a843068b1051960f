import type { Priority, ServiceConcurrency } from '@turnpike/config';
import type { Entry, Gate, Visit } from '../core/admission.ts';
import type { Exchange, Reply } from '../core/exchange.ts';
import { Headers } from '../core/headers.ts';
import { callerOf } from '../core/identity-testing.ts';
import { random } from '../core/random.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { Agenda } from './agenda-testing.ts';
import { Baselines } from './baselines.ts';
import { Gates } from './gates.ts';
import { KeyCounts } from './key-counts.ts';
import { ServiceLimits } from './service-limits.ts';
import { ServiceVisit } from './visit.ts';

/** Requests that take about the same: a route. */
export interface Kind {
  /** How many there are of it, compared with the others. */
  readonly share: (second: number) => number;
  /** How long the service works on one, on average; these times are distributed exponentially. */
  readonly meanMs: (second: number) => number;
}

/** What comes, and what it meets, by the second of simulated time. */
export interface Scenario {
  readonly seconds: number;
  readonly concurrency: ServiceConcurrency;
  /** Requests a second. */
  readonly offered: (second: number) => number;
  readonly kinds: readonly Kind[];
  /** How many requests the service works on at once; the others wait there, in the order in which they came. */
  readonly workers: (second: number) => number;
  /** Who calls, by a number from 0 to 1 that is drawn for each request. */
  readonly caller: (drawn: number) => { readonly key: string; readonly priority: Priority };
  /** How often a client comes again that was sent away. */
  readonly retries: number;
  readonly seed: number;
}

/** What became of some requests. */
export class Outcome {
  offered = 0;
  shed = 0;
  /** Answered before the client lost its patience. */
  good = 0;
  readonly latencies: number[] = [];
}

/** What became of the requests of one second, together and by who called. */
export class Second extends Outcome {
  readonly byCaller = new Map<string, Outcome>();
  readonly byPriority = new Map<Priority, Outcome>();
  /** At its end. */
  limit = 0;
  /** The most that the gateway had in flight, as far as it was looked at. */
  inflight = 0;
}

/** The gateway has two threads before a service, in simulated time: what it does is the same every time. */
export function simulate(scenario: Scenario): Second[] {
  return new Simulation(scenario).run();
}

/** One request of a client, which may come several times. */
interface Request {
  readonly outcomes: readonly Outcome[];
  readonly kind: number;
  readonly key: string;
  readonly priority: Priority;
  readonly bornMs: number;
  tries: number;
}

class Simulation {
  #nowMs = START_MS;
  readonly #scenario: Scenario;
  readonly #agenda = new Agenda();
  readonly #dice;
  readonly #wheel = new TimingWheel(() => this.#nowMs);
  readonly #limits = ServiceLimits.allocate(1, THREADS);
  readonly #overview = new ServiceLimits(this.#limits, -1);
  /** By thread and kind. */
  readonly #gates: readonly (readonly Gate[])[];
  readonly #seconds: readonly Second[];
  #busy = 0;
  /** What waits at the service, from `#served` on. */
  readonly #atService: (() => void)[] = [];
  #served = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#dice = random(scenario.seed);
    this.#seconds = Array.from({ length: scenario.seconds }, () => new Second());
    const baselines = Baselines.allocate(64);
    const counts = KeyCounts.allocate(2 ** 12, THREADS);
    this.#gates = Array.from({ length: THREADS }, (_, thread) => {
      const gates = new Gates({
        limits: new ServiceLimits(this.#limits, thread),
        baselines: new Baselines(baselines),
        counts: new KeyCounts(counts, thread),
        wheel: this.#wheel,
        clock: { now: () => this.#nowMs, epoch: () => this.#nowMs },
        ownDelayMs: () => 0,
      });
      const { concurrency } = scenario;
      gates.apply([{ id: 'service', concurrency, limitSlot: 0, highestPriority: 'critical' }]);
      return scenario.kinds.map((_, kind) => gateOf(gates, `kind ${kind}`));
    });
  }

  run(): Second[] {
    this.#arrive();
    this.#tick();
    for (let event = this.#agenda.next(); event !== null; event = this.#agenda.next()) {
      this.#nowMs = event.atMs;
      this.#wheel.touch();
      event.run();
    }
    if (this.#overview.inflight(0) !== 0) throw new Error('something is in flight for ever');
    return [...this.#seconds];
  }

  get #time(): number {
    return (this.#nowMs - START_MS) / 1000;
  }

  get #second(): Second | undefined {
    return this.#seconds[Math.floor(this.#time)];
  }

  /** What a thread does by a timer, and what we look at. */
  readonly #tick = (): void => {
    this.#wheel.advance();
    const second = this.#second;
    if (second === undefined && this.#overview.inflight(0) === 0) return;
    if (second !== undefined) second.limit = this.#overview.adaptiveLimit(0);
    this.#agenda.add(this.#nowMs + 20, this.#tick);
  };

  readonly #arrive = (): void => {
    const second = this.#second;
    if (second === undefined) return;
    const { key, priority } = this.#scenario.caller(this.#dice.unit());
    const outcomes = [second, of(second.byCaller, key), of(second.byPriority, priority)];
    for (const outcome of outcomes) outcome.offered++;
    this.#send({ outcomes, kind: this.#drawKind(), key, priority, bornMs: this.#nowMs, tries: 0 });
    this.#agenda.add(this.#nowMs + this.#spread(1000 / this.#scenario.offered(this.#time)), this.#arrive);
  };

  #send(request: Request): void {
    const gate = this.#gates[this.#dice.below(THREADS)]?.[request.kind];
    const visit = gate?.visit(exchangeOf(request.key, this.#nowMs), request.priority);
    if (!(visit instanceof ServiceVisit)) throw new Error('there is no gate');
    const decided = (entry: Entry): void => this.#decided(request, visit, entry);
    const entry = visit.enter();
    if (entry === null) visit.join({ resolve: decided, reject: () => {} });
    else decided(entry);
  }

  #decided(request: Request, visit: Visit, entry: Entry): void {
    const second = this.#second;
    if (second !== undefined) second.inflight = Math.max(second.inflight, this.#overview.inflight(0));
    if (entry === 'inside') {
      this.#work(request, visit);
    } else if (request.tries++ < this.#scenario.retries) {
      this.#agenda.add(this.#nowMs + this.#spread(COME_AGAIN_MS), () => this.#send(request));
    } else {
      for (const outcome of request.outcomes) outcome.shed++;
    }
  }

  /** Begins at once when a worker is free, else when one will be. What the client does not wait for is done all the same. */
  #work(request: Request, visit: Visit): void {
    const begin = (): void => {
      this.#busy++;
      const meanMs = this.#scenario.kinds[request.kind]?.meanMs(this.#time) ?? 0;
      this.#agenda.add(this.#nowMs + this.#spread(meanMs), () => this.#done(request, visit));
    };
    if (this.#busy < this.#scenario.workers(this.#time)) begin();
    else this.#atService.push(begin);
  }

  #done({ outcomes, bornMs }: Request, visit: Visit): void {
    const tookMs = this.#nowMs - bornMs;
    visit.answered(OK);
    for (const outcome of outcomes) {
      outcome.latencies.push(tookMs);
      if (tookMs <= PATIENCE_MS) outcome.good++;
    }
    this.#busy--;
    while (this.#busy < this.#scenario.workers(this.#time) && this.#served < this.#atService.length) {
      this.#atService[this.#served++]?.();
    }
    if (this.#served === this.#atService.length) this.#atService.length = this.#served = 0;
  }

  #drawKind(): number {
    const shares = this.#scenario.kinds.map(({ share }) => share(this.#time));
    let drawn = this.#dice.unit() * shares.reduce((sum, share) => sum + share, 0);
    return Math.max(
      0,
      shares.findIndex((share) => (drawn -= share) < 0),
    );
  }

  #spread(mean: number): number {
    return -mean * Math.log(1 - this.#dice.unit());
  }
}

function gateOf(gates: Gates, route: string): Gate {
  const gate = gates.of('service', { id: route, timeoutMs: null });
  if (gate === null) throw new Error('the service has no limit');
  return gate;
}

function of<Key>(outcomes: Map<Key, Outcome>, key: Key): Outcome {
  const known = outcomes.get(key) ?? new Outcome();
  outcomes.set(key, known);
  return known;
}

/** What a gate looks at; real ones would take most of the time of a simulation. */
function exchangeOf(key: string, startedAtMs: number): Exchange {
  const identity = callerOf({ key });
  return { ...BARE_EXCHANGE, identity, startedAtMs } as unknown as Exchange;
}

const BARE_EXCHANGE = { body: null, cancelled: null, whenCancelled: () => {}, whenEnded: () => {} };
const OK: Reply = { status: 200, headers: new Headers(), body: null, code: '', tunnel: null };
const THREADS = 2;
const START_MS = 1_700_000_000_000;
const PATIENCE_MS = 500;
const COME_AGAIN_MS = 50;
